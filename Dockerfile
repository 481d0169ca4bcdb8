FROM python:3.12-slim
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps . && useradd --system --no-create-home atende && mkdir /data && chown atende /data
USER atende
ENV DATA_DIR=/data HOST=0.0.0.0
EXPOSE 8000
CMD ["atende", "serve"]
