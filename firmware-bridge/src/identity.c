#include "identity.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include <avr/eeprom.h>
#include <avr/wdt.h>

static uint8_t kept[IDENTITY_MAX + 1] EEMEM;

static bool is_valid(const char *serial)
{
    uint8_t length = strnlen(serial, IDENTITY_MAX + 1);
    if (length == 0 || length > IDENTITY_MAX) return false;
    for (; *serial; serial++) {
        if (!isalnum(*serial) && *serial != '-' && *serial != '_') return false;
    }
    return true;
}

const char *identity_serial(void)
{
    static char serial[IDENTITY_MAX + 1];
    eeprom_read_block(serial, kept, sizeof serial);
    serial[IDENTITY_MAX] = '\0';
    return is_valid(serial) ? serial : "-";
}

bool identity_set_serial(const char *serial)
{
    if (!is_valid(serial)) return false;
    for (uint8_t i = 0; i <= strlen(serial); i++) {
        wdt_reset();
        eeprom_update_byte(&kept[i], serial[i]);
    }
    return true;
}
