"""Modbus: ADU framing, strict matching, PDUs (by pymodbus), reads planned in blocks."""
