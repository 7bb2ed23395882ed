# The program without a database: web server, worker and commands run from the same image.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/directory

COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
RUN useradd --system directory && install -d -o directory /var/lib/directory
USER directory

ENV DIRECTORY_ENV=production INSTANCE_FOLDER=/var/lib/directory
EXPOSE 8000
CMD ["gunicorn", "wsgi:app", "-w", "2", "--threads", "2", "-b", "0.0.0.0:8000", \
     "--no-control-socket", "--log-level", "warning"]
