"""The only room that knows MQTT: messages in, acknowledgements out."""
