"""CRC-16/MODBUS: polynomial 0x8005 reflected (0xA001).

Source: MODBUS over Serial Line V1.02, section 6.2.2.
"""

from drivers.crc import Crc16

CRC = Crc16(0xA001)
