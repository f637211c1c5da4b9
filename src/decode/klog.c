// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * klog.c - kernel log lines: opens the framing, and asks whether a packet or a note is inside
 *
 * A line that cannot hold anything of ours is not even opened (note_sight()), except where its
 * stamp is part of the count: sequence numbers of /dev/kmsg, and dmesg --reltime, whose stamps
 * are differences.
 */
#include <errno.h>

#include "dialect.h"
#include "envelope.h"
#include "journal.h"
#include "note.h"
#include "packet.h"
#include "scan.h"
#include "stamp.h"

/* struct klog - one record on its way through */
struct klog {
	const struct record *rec;
	struct scratch *scratch;
	struct event *ev;
	struct complaint *why;
};

static int complain(const struct klog *k, const struct envelope *env, const struct fault *fault)
{
	struct str data = k->rec->data;
	const char *at = fault->at;

	/* In unescaped text the offset is that of the text, as near as can be told. */
	if (at < data.p || at > data.p + data.n)
		at = env->text.p >= data.p && env->text.p <= data.p + data.n ? env->text.p : data.p;
	k->why->at = (size_t)(at - data.p);
	k->why->expected = fault->expected;
	return -EINVAL;
}

static int decode_words(const struct klog *k, const struct envelope *env, bool whole,
			unsigned int sights)
{
	struct fault fault = { .at = env->text.p };
	int err = -ENOENT;

	/* syslog-ng quotes the line, so that a packet may be sighted before the end is */
	if (sights & SIGHT_REPEAT || str_starts(env->text, STR("Last message '")))
		err = note_decode(env->text, SIGHT_REPEAT, k->ev, &fault);
	if (err == -ENOENT && !env->user && sights & SIGHT_PACKET)
		err = packet_decode(env->text, env->kernel, whole, k->ev, &fault);
	if (err == -ENOENT)
		err = note_decode(env->text, env->user ? SIGHT_GAP : SIGHT_GAP | SIGHT_NOTE, k->ev,
				  &fault);
	return err == -EINVAL ? complain(k, env, &fault) : err;
}

/* decode_text - the words of an opened record; rsyslog's "message repeated" is opened once more */
static int decode_text(const struct klog *k, struct envelope *env, bool whole)
{
	struct stamp ignored = { .have = 0 };
	unsigned int sights = note_sight(env->text);
	struct str inner;
	int err;

	k->ev->host = env->host;
	k->ev->stamp = env->stamp;
	k->ev->seq = env->seq;
	if (!(sights & SIGHT_REPEAT) || !note_repeated(env->text, &inner, &k->ev->times))
		return decode_words(k, env, whole, sights);
	stamp_kernel(&inner, &ignored);
	env->text = str_trim_left(inner);
	err = decode_words(k, env, whole, note_sight(inner));
	if (err == -ENOENT)
		k->ev->times = 1;
	return err;
}

/* foreign - none of ours; some framings must be counted all the same */
static int foreign(const struct klog *k)
{
	struct str line = k->rec->data;
	struct envelope env = { .text = line };

	if (!line.n || (!is_digit(*line.p) && *line.p != '['))
		return -ENOENT;
	if (*line.p == '[' ? !envelope_reltime(line, &env) : !envelope_kmsg(&line, &env))
		return -ENOENT;
	k->ev->stamp = env.stamp;
	k->ev->seq = env.seq;
	return 0;
}

static int decode_line(const struct klog *k)
{
	struct str line = k->rec->data;
	struct envelope env;
	int err;

	if (!note_sight(line))
		return foreign(k);
	envelope_open(line, k->scratch, &env);
	err = decode_text(k, &env, k->rec->whole);
	return err == -ENOENT && env.stamp.have & (STAMP_SEQ | STAMP_DELTA) ? 0 : err;
}

static int decode_entry(const struct klog *k, const struct entry *entry, bool whole)
{
	bool kernel = entry->dmesg || !entry->transport.n ||
		      str_eq(entry->transport, STR("kernel"));
	struct envelope env = {
		.text = entry->message,
		.host = entry->host,
		.stamp = entry->stamp,
		.kernel = kernel,
		.user = !kernel,
	};

	if (!entry->message.n || (entry->msg && !entry->dmesg))
		return -ENOENT;
	return decode_text(k, &env, whole);
}

static int decode_journal(const struct klog *k)
{
	struct entry entry = { .dmesg = false };

	if (!note_sight(k->rec->data) || !journal_read(k->rec->data, &entry))
		return -ENOENT;
	return decode_entry(k, &entry, k->rec->whole);
}

/*
 * json_sight - may there be anything of ours? A MESSAGE of byte numbers shows nothing from outside:
 * it has to be read. In a string it shows soon, while much may stand before it.
 */
static bool json_sight(struct str data)
{
	struct str value = str_skip(data, str_find(data, STR("\"MESSAGE\"")) + 9), key = value;

	while (key.n && (is_blank(*key.p) || *key.p == ':'))
		key = str_skip(key, 1);
	return (key.n && *key.p == '[') || note_sight(value) ||
	       note_sight(str_first(data, data.n - value.n)); /* none has a quote in it */
}

static int decode_json(const struct klog *k)
{
	struct entry entry = { .dmesg = false };
	struct str data = k->rec->data;

	if (!json_sight(data))
		return -ENOENT;
	if (!json_record_read(data, k->scratch, &entry))
		return -ENOENT;
	return decode_entry(k, &entry, true);
}

int klog_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		struct complaint *why)
{
	static int (*const kinds[])(const struct klog *k) = {
		[RECORD_LINE] = decode_line,
		[RECORD_JOURNAL] = decode_journal,
		[RECORD_JSON] = decode_json,
	};
	const struct klog k = { rec, scratch, ev, why };

	return kinds[rec->kind](&k);
}
