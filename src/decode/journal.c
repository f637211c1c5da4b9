// SPDX-License-Identifier: GPL-2.0-or-later
/* journal.c - journalctl -o export: KEY=value lines and binary fields (formats.md 7.4) */
#include "journal.h"

#include "scan.h"

static void take_message(struct entry *entry, struct str value)
{
	if (!entry->message.n)
		entry->message = value;
}

static void take_host(struct entry *entry, struct str value)
{
	entry->host = value;
}

static void take_transport(struct entry *entry, struct str value)
{
	entry->transport = value;
}

static bool usec(struct str value, uint64_t *ns)
{
	uint64_t v;

	if (!scan_dec(&value, 16, &v) || value.n)
		return false;
	*ns = v * 1000;
	return true;
}

static void take_realtime(struct entry *entry, struct str value)
{
	uint64_t ns;

	if (!usec(value, &ns) || ns > INT64_MAX)
		return;
	entry->stamp.wall_ns = (int64_t)ns;
	entry->stamp.wall_digits = 6;
	entry->stamp.have |= STAMP_WALL | STAMP_ZONE;
}

/* take_uptime - the kernel's own stamp, not the time when journald read the message */
static void take_uptime(struct entry *entry, struct str value)
{
	if (!usec(value, &entry->stamp.up_ns))
		return;
	entry->stamp.up_digits = 6;
	entry->stamp.have |= STAMP_UP;
}

/* take_time - dmesg -J: seconds with a fraction */
static void take_time(struct entry *entry, struct str value)
{
	uint32_t ns = 0;
	uint64_t sec;

	if (!scan_dec(&value, 10, &sec))
		return;
	if (scan_char(&value, '.'))
		entry->stamp.up_digits = (uint8_t)scan_fraction(&value, &ns);
	entry->stamp.up_ns = sec * 1000000000 + ns;
	entry->stamp.have |= STAMP_UP;
}

static void take_msg(struct entry *entry, struct str value)
{
	take_message(entry, value);
	entry->msg = true;
}

static void take_pri(struct entry *entry, struct str value)
{
	entry->dmesg = value.n;
}

void journal_field(struct entry *entry, struct str name, struct str value)
{
	static const struct {
		struct str name;
		void (*take)(struct entry *entry, struct str value);
	} rows[] = {
		{ { "MESSAGE", 7 }, take_message },
		{ { "_HOSTNAME", 9 }, take_host },
		{ { "_TRANSPORT", 10 }, take_transport },
		{ { "__REALTIME_TIMESTAMP", 20 }, take_realtime },
		{ { "_SOURCE_MONOTONIC_TIMESTAMP", 27 }, take_uptime },
		{ { "time", 4 }, take_time },
		{ { "msg", 3 }, take_msg },
		{ { "pri", 3 }, take_pri },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (str_eq(rows[i].name, name))
			rows[i].take(entry, value);
}

static bool le64(struct str *s, uint64_t *value)
{
	uint64_t v = 0;
	unsigned int i;

	if (s->n < 8)
		return false;
	for (i = 8; i-- > 0;)
		v = v << 8 | (unsigned char)s->p[i];
	*value = v;
	*s = str_skip(*s, 8);
	return true;
}

/* binary - "KEY\n", the length, the bytes, "\n" */
static bool binary(struct str *rest, struct str *value)
{
	uint64_t n;

	if (!le64(rest, &n) || n > rest->n)
		return false;
	*value = str_first(*rest, (size_t)n);
	*rest = str_skip(*rest, (size_t)n);
	scan_char(rest, '\n');
	return true;
}

bool journal_read(struct str data, struct entry *entry)
{
	while (data.n) {
		size_t end = str_find(data, STR("\n"));
		struct str line = str_first(data, end);
		size_t name = str_find(line, STR("="));
		struct str value = str_skip(line, name + 1);

		data = str_skip(data, end + 1);
		if (name == line.n && line.n && !binary(&data, &value))
			return false;
		journal_field(entry, str_first(line, name), value);
	}
	return true;
}
