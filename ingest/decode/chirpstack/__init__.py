"""ChirpStack 3 and 4: JSON and protobuf, uplinks of devices and reports of gateways."""
