#include "commands.h"

#include <stdbool.h>
#include <string.h>

#include <avr/io.h>
#include <avr/pgmspace.h>

#include "clock.h"
#include "edges.h"
#include "identity.h"
#include "light.h"
#include "link.h"
#include "sensor.h"
#include "streams.h"

#define FIRMWARE_VERSION "1.3.1"
#define PROTOCOL_VERSION "1"

// ---- Replies

static void reply(PGM_P name)
{
    link_begin();
    link_text(PSTR("ok "));
    link_text(name);
}

static void refuse(PGM_P code, PGM_P advice)
{
    link_begin();
    link_text(PSTR("error "));
    link_text(code);
    link_char(' ');
    link_text(advice);
    link_end_reply();
}

#define REFUSE(code, advice) refuse(PSTR(code), PSTR(advice))

// ---- Arguments

static bool parse_number(const char *text, uint32_t low, uint32_t high, uint32_t *number)
{
    if (!text || !*text || strlen(text) > 9) return false;
    *number = 0;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        *number = *number * 10 + (*text - '0');
    }
    return *number >= low && *number <= high;
}

// A decimal number with up to three decimals, in thousandths.
static bool parse_thousandths(char *text, uint32_t low, uint32_t high, uint32_t *thousandths)
{
    if (!text) return false;
    char digits[11];
    uint8_t length = 0;
    uint8_t decimals = 0;
    bool point = false;
    for (; *text; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (length == sizeof digits - 4 || decimals == 3) return false;
        digits[length++] = *text;
        if (point) decimals++;
    }
    for (; decimals < 3; decimals++) digits[length++] = '0';
    digits[length] = '\0';
    return parse_number(digits, low, high, thousandths);
}

static char *next_word(void) { return strtok(NULL, " "); }

static bool no_more_words(void)
{
    if (!next_word()) return true;
    REFUSE("argument", "too many words: help lists the commands");
    return false;
}

static bool not_playing(void)
{
    if (light_state() == LIGHT_DARK) return true;
    REFUSE("busy", "a sequence is playing: stop it first or wait for its end");
    return false;
}

static bool not_sensing(void)
{
    if (!sensor_running()) return true;
    REFUSE("busy", "sampling is on: stop it first");
    return false;
}

// ---- Commands

static void run_help(void)
{
    static const char text[] PROGMEM =
        "hello                      who this is, and its limits\n"
        "rate HZ                    symbol rate, 10 to 2000, up to three decimals\n"
        "level WHITE GREY           white in 1/1000 of full light, grey in 1/1000 of white\n"
        "load OFFSET DIGITS         symbols 0 black, 1 grey, 2 white; offset 0 starts anew\n"
        "play COUNT CRC             play what load counted and summed up\n"
        "sample HZ BITS             sample rate, 250 to 9000; 8 or 10 bits\n"
        "sense on|off               start or end the samples\n"
        "dark                       dark at once; samples and edges go on\n"
        "stop                       dark at once, and no more samples\n"
        "status                     what is going on; any line keeps the board alive\n"
        "edges on|off               start or end the edge times of D8\n"
        "keepalive MS               longest silence of yours while playing, 100 to 60000\n"
        "serial NAME                name this board, for good: 1 to 16 letters, digits, - or _\n"
        "baud RATE                  115200, 250000, 500000 or 1000000, from the reply on\n"
        "A line may end in *CRC, four hex digits; see PROTOCOL.md.\n";
    link_begin();
    for (PGM_P next = text; pgm_read_byte(next); next++) {
        char c = pgm_read_byte(next);
        if (c != '\n') {
            link_char(c);
            continue;
        }
        link_end();
        link_begin();
    }
    link_text(PSTR("ok help"));
    link_end_reply();
}

static void run_hello(void)
{
    reply(PSTR("hello name=blinkup-bridge firmware=" FIRMWARE_VERSION " protocol=" PROTOCOL_VERSION));
    link_field(PSTR("clock"), F_CPU);
    link_field(PSTR("symbols"), LIGHT_SYMBOLS_MAX);
    link_field(PSTR("line"), LINK_LINE_MAX);
    link_field(PSTR("now"), clock_now());
    link_text(PSTR(" serial="));
    for (const char *c = identity_serial(); *c; c++) link_char(*c);
    link_end_reply();
}

static void run_rate(void)
{
    uint32_t millihz;
    if (!parse_thousandths(next_word(), LIGHT_RATE_MIN_MILLIHZ, LIGHT_RATE_MAX_MILLIHZ, &millihz)) {
        REFUSE("argument", "the symbol rate is 10 to 2000 Hz");
        return;
    }
    if (!no_more_words() || !not_playing()) return;
    light_set_rate(millihz);
    reply(PSTR("rate"));
    link_field(PSTR("period"), light_period_cycles());
    link_end_reply();
}

static void run_level(void)
{
    uint32_t white, grey;
    if (!parse_number(next_word(), 1, 1000, &white) || !parse_number(next_word(), 1, 1000, &grey)) {
        REFUSE("argument", "levels are 1 to 1000 thousandths");
        return;
    }
    if (!no_more_words() || !not_playing()) return;
    light_set_levels(white, grey);
    reply(PSTR("level"));
    link_field(PSTR("white"), white);
    link_field(PSTR("grey"), grey);
    link_end_reply();
}

static void run_load(void)
{
    uint32_t offset;
    if (!parse_number(next_word(), 0, LIGHT_SYMBOLS_MAX, &offset)) {
        REFUSE("argument", "load takes an offset and digits");
        return;
    }
    char *digits = next_word();
    if (!digits) {
        REFUSE("argument", "load takes an offset and digits");
        return;
    }
    if (!no_more_words() || !not_playing()) return;
    if (!light_keep(offset)) {
        REFUSE("offset", "symbols before this offset are missing: load them first");
        return;
    }
    for (; *digits; digits++) {
        if (light_append(*digits)) continue;
        light_keep(0);
        REFUSE("symbol", "symbols are 0, 1 or 2, and no more than hello says; load from 0 again");
        return;
    }
    reply(PSTR("load"));
    link_field(PSTR("symbols"), light_loaded());
    link_text(PSTR(" crc="));
    link_hex(light_crc(), 4);
    link_end_reply();
}

static void run_play(void)
{
    uint32_t count;
    bool counted = parse_number(next_word(), 1, LIGHT_SYMBOLS_MAX, &count);
    char *crc_text = next_word();
    uint16_t crc;
    if (!counted || !crc_text || !link_parse_crc(crc_text, &crc)) {
        REFUSE("argument", "play takes the count and the CRC that load answers");
        return;
    }
    if (!no_more_words() || !not_playing()) return;
    if (count != light_loaded() || crc != light_crc()) {
        REFUSE("sequence", "count or CRC differ from what is loaded: load again");
        return;
    }
    if (light_grey() == 0 || light_grey() >= light_white()) {
        REFUSE("level", "grey is not between black and white: set other levels");
        return;
    }
    uint32_t start = light_play();
    reply(PSTR("play"));
    link_field(PSTR("start"), start);
    link_field(PSTR("period"), light_period_cycles());
    link_field(PSTR("top"), light_top());
    link_field(PSTR("white"), light_white());
    link_field(PSTR("grey"), light_grey());
    link_end_reply();
}

static void run_sample(void)
{
    uint32_t rate_hz, bits;
    if (!parse_number(next_word(), SENSOR_RATE_MIN_HZ, SENSOR_RATE_MAX_HZ, &rate_hz) ||
        !parse_number(next_word(), 8, 10, &bits) || bits == 9) {
        REFUSE("argument", "the sample rate is 250 to 9000 Hz, the bits are 8 or 10");
        return;
    }
    if (!no_more_words() || !not_sensing()) return;
    sensor_set_rate(rate_hz);
    sensor_set_bits(bits);
    reply(PSTR("sample"));
    link_field(PSTR("period"), sensor_period_cycles());
    link_field(PSTR("bits"), bits);
    link_end_reply();
}

// The word "on" or "off".
static bool parse_switch(const char *word, bool *on)
{
    *on = word && !strcmp_P(word, PSTR("on"));
    if (*on || (word && !strcmp_P(word, PSTR("off")))) return true;
    REFUSE("argument", "say on or off");
    return false;
}

static void run_edges(void)
{
    bool on;
    if (!parse_switch(next_word(), &on) || !no_more_words()) return;
    if (on)
        edges_start();
    else
        streams_end_edges();
    reply(PSTR("edges"));
    link_field(PSTR("count"), edges_next_index());
    link_end_reply();
}

static void run_sense(void)
{
    bool on;
    if (!parse_switch(next_word(), &on) || !no_more_words()) return;
    if (!on) {
        streams_end_samples();
        reply(PSTR("sense"));
        link_field(PSTR("count"), sensor_next_index());
        link_end_reply();
        return;
    }
    if (!not_sensing()) return;
    uint32_t start = sensor_start();
    reply(PSTR("sense"));
    link_field(PSTR("start"), start);
    link_field(PSTR("period"), sensor_period_cycles());
    link_end_reply();
}

static void reply_darkened(PGM_P name)
{
    reply(name);
    link_field(PSTR("symbols"), light_symbols_played());
    link_end_reply();
}

static void run_dark(void)
{
    light_off();
    reply_darkened(PSTR("dark"));
}

static void run_stop(void)
{
    light_off();
    streams_end_samples();
    streams_end_edges();
    reply_darkened(PSTR("stop"));
}

static void run_status(void)
{
    if (!no_more_words()) return;
    reply(PSTR("status"));
    link_field(PSTR("playing"), light_state() == LIGHT_PLAYING);
    link_field(PSTR("symbols"), light_symbols_played());
    link_field(PSTR("sense"), sensor_running());
    link_field(PSTR("edges"), edges_running());
    link_field(PSTR("now"), clock_now());
    link_end_reply();
}

static void run_keepalive(void)
{
    uint32_t ms;
    if (!parse_number(next_word(), 100, 60000, &ms)) {
        REFUSE("argument", "the keep-alive is 100 to 60000 ms");
        return;
    }
    if (!no_more_words()) return;
    streams_set_keepalive(ms);
    reply(PSTR("keepalive"));
    link_field(PSTR("ms"), ms);
    link_end_reply();
}

static void run_serial(void)
{
    char *serial = next_word();
    if (!no_more_words() || !not_playing() || !not_sensing()) return;
    if (!serial || !identity_set_serial(serial)) {
        REFUSE("argument", "a serial number is 1 to 16 letters, digits, - or _");
        return;
    }
    reply(PSTR("serial"));
    link_end_reply();
}

static void run_baud(void)
{
    uint32_t baud;
    if (!parse_number(next_word(), 1, 1000000, &baud) || !link_can(baud)) {
        REFUSE("argument", "the rate is 115200, 250000, 500000 or 1000000");
        return;
    }
    if (!no_more_words() || !not_playing() || !not_sensing()) return;
    reply(PSTR("baud"));
    link_field(PSTR("rate"), baud);
    link_end_reply();
    link_set_baud(baud);
}

static const struct {
    char name[10];
    void (*run)(void);
} commands[] PROGMEM = {
    {"help", run_help},     {"hello", run_hello},   {"rate", run_rate},
    {"level", run_level},   {"load", run_load},     {"play", run_play},
    {"sample", run_sample}, {"sense", run_sense},   {"dark", run_dark},
    {"stop", run_stop},     {"status", run_status}, {"edges", run_edges},
    {"keepalive", run_keepalive}, {"serial", run_serial}, {"baud", run_baud},
};

static void run_line(char *line)
{
    char *name = strtok(line, " ");
    for (uint8_t i = 0; name && i < sizeof commands / sizeof *commands; i++) {
        if (strcasecmp_P(name, commands[i].name)) continue;
        void (*run)(void) = (void (*)(void))pgm_read_word(&commands[i].run);
        run();
        return;
    }
    REFUSE("command", "no such command: help lists them");
}

void commands_run(void)
{
    char *line;
    link_event_t event = link_receive(&line);
    if (event != LINK_NOTHING) streams_host_heard();
    switch (event) {
    case LINK_NOTHING: break;
    case LINK_LINE: run_line(line); break;
    case LINK_BAD_CRC: REFUSE("crc", "the line is damaged: send it again"); break;
    case LINK_DAMAGED: REFUSE("line", "only printable ASCII, and no longer than hello says"); break;
    case LINK_STOP: run_stop(); break;
    case LINK_LOST: REFUSE("lost", "a line came too early: wait for each reply"); break;
    }
    if (event == LINK_LINE || event == LINK_BAD_CRC || event == LINK_DAMAGED) link_release();
}
