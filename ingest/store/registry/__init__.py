"""The registry (台帳) and the catalogue of quantities in the database."""
