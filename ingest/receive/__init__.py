"""Messages in, acknowledgements out: intakes for MQTT 5 and 3.1.1, the fresh lane, shared subscriptions."""
