"""The database: sessions, column types, fact generations, WAL checkpoints, replicas."""
