//! NGSI-LD (ETSI GS CIM 009) on the wire.
