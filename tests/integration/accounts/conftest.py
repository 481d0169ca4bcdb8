from tests.integration.people.conftest import people

__all__ = ["people"]
