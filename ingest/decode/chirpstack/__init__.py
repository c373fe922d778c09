"""ChirpStack 3 and 4: JSON and protobuf, uplinks and what gateways say."""
