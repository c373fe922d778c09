"""A small MQTT client: connections, frames, TLS, the wording of its errors. It knows no message of ours."""
