"""What the ledger is measured against: the plain design, one function call per debit, which locks the balance and refuses."""

SCRIPT = """
CREATE TABLE bench_account (id uuid PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0));
CREATE TABLE bench_debit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id uuid NOT NULL REFERENCES bench_account (id),
  amount bigint NOT NULL, balance_after bigint NOT NULL, reference text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(), UNIQUE (account_id, reference));
CREATE FUNCTION bench_debit(p_account uuid, p_amount bigint, p_reference text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_balance bigint;
BEGIN
  SELECT balance INTO v_balance FROM bench_account WHERE id = p_account FOR UPDATE;
  IF v_balance IS NULL OR v_balance < p_amount THEN RETURN NULL; END IF;
  UPDATE bench_account SET balance = v_balance - p_amount WHERE id = p_account;
  INSERT INTO bench_debit (account_id, amount, balance_after, reference)
  VALUES (p_account, p_amount, v_balance - p_amount, p_reference);
  RETURN v_balance - p_amount;
END $$;
GRANT SELECT, INSERT, UPDATE ON bench_account, bench_debit TO atende_app;
"""
DEBIT = "SELECT bench_debit($1, $2, $3)"
"""NULL when the balance is short."""
