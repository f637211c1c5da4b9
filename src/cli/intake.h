/* SPDX-License-Identifier: GPL-2.0-or-later */
/* intake.h - what every command that reads has in common: sources, rules, prefixes, model */
#ifndef CLI_INTAKE_H
#define CLI_INTAKE_H

#include "cli.h"
#include "nfhop/arm.h"
#include "nfhop/source.h"

#include "glance.h"
#include "merge.h"
#include "recent.h"

/* Closed packets held back so that what comes later can speak for them; some 100 MB. */
#define INTAKE_KEPT 100000

/**
 * struct part - how far one source was read
 * @position: bytes of it
 * @name: as it was named
 * @failed: it could not be read on
 * @ended: nothing more comes of it
 */
struct part {
	struct glance glance;
	const char *name;
	uint64_t position, lines;
	bool failed, ended;
};

/**
 * struct intake - zero it, then intake_open()
 * @names: as sources are called in reports, @n_names of them; records name them by number. A
 *	recording has the names of what was recorded.
 * @rules, @prefixes: NULL where there are none
 * @model: what was read so far; everybody's to ask
 * @seconds: how long reading took, when it has ended
 * @recent: keeps live records for the view, NULL: nobody wants them
 * @patient: set before intake_open(): nobody is to wait for a pipe, which is followed as by -f
 * @piped: all that is read comes through pipes: of this host or of another
 * @live: some source has no end of its own, and intake_turn() waits for it
 * @whole: set before intake_model(): nobody hears of packets before the end. It is off after that
 *	if some source is live, or was: only of logs that are followed all may wait.
 */
struct intake {
	const struct settings *settings;
	struct source **sources;
	struct part *parts;
	size_t n;
	const char **names;
	size_t n_names;
	struct ruleset *rules;
	struct prefixes *prefixes;
	struct model *model;
	double seconds;
	bool patient, piped, live, whole;
	/* private */
	struct arm *arm;
	struct keep *keep;
	struct recent *recent;
	char own_table[32];
	struct merge *merge;
	struct progress progress;
	uint64_t read;
	size_t *owners;		   /* number of a record's source: the source that hands it out */
	int64_t first_ns, last_ns; /* when the first and the last live record was received */
	enum evidence_switch all_netns;
	uint64_t devices; /* evidence_devices() when evidence was told last */
	double started;
	/* @by_arrival: some source's stamps are no clock of ours; @heard_ns: it was heard last then
	 */
	int64_t ends_ns, ticked_ns, heard_ns, limited_ns;
	/* when packets were handed out last, and how many had closed by then; @paused_ns: that of
	 * @heard_ns after which it was told that it is quiet
	 */
	int64_t handed_ns, paused_ns;
	uint64_t closed;
	bool failed, ended, by_arrival, recorded, ticking;
	bool timed;	/* what was live is read back, and says itself that time goes on */
	bool by_record; /* not in blocks, even where that could be */
};

/**
 * intake_open - open all sources and read rule sets and prefixes that the settings name
 * If they name no source, every live source that this host can open.
 * @settings: must outlive the intake
 * Return: 0, or -errno after complaining; close it in either case
 */
int intake_open(struct intake *in, const struct settings *settings);

/**
 * intake_model - make the model
 * @config: limits; rules and prefixes are filled in here
 * @sink: may be NULL
 * Return: 0, or -errno after complaining
 */
int intake_model(struct intake *in, struct model_config config, const struct model_sink *sink);

/**
 * intake_turn - read on for a while
 * @ms: how long to wait if there is nothing to read now (-1: for something); files never wait
 *
 * Bounded work, so that a view stays alive. Findings are not drawn (model_conclude()).
 * Return: 1 if more may come, 0 after the end (model_end() was called), -errno after complaining
 */
int intake_turn(struct intake *in, int ms);

/**
 * intake_trace - trace other packets from here on, or begin to
 * Return: 0, or -errno with @err filled in
 */
int intake_trace(struct intake *in, const struct query *query, struct arm_error *err);

/**
 * intake_stop - end now: the next intake_turn() draws the conclusions
 * So do SIGINT, SIGTERM and SIGHUP once a turn of live sources was made.
 */
void intake_stop(struct intake *in);

/* intake_signalled - Return: the signal that did so, or 0 */
int intake_signalled(void);

/*
 * intake_tell - what a person at a terminal should know before and after: that nothing is made to
 * trace, that nothing was seen or understood. Not for a view.
 * Return: the status to end with: STATUS_USAGE if nothing that was read is a log, else STATUS_FINE
 */
int intake_tell(const struct intake *in, bool after);
/* intake_tell_untimed - the part of it that speaks of a filter by time and of stamps that do not
 * tell
 */
void intake_tell_untimed(const struct intake *in);

/* intake_unread - is there a pipe on standard input that nobody asked to read? (cat log | nfhop) */
bool intake_unread(const struct settings *settings);

/* intake_read - turn until the end; Return: 0, or -errno after complaining */
int intake_read(struct intake *in);

/* intake_percent - how much of the files was read; -1 if nobody knows */
int intake_percent(const struct intake *in);

/* intake_failed - was there a source that could not be read to its end? (complained about) */
bool intake_failed(const struct intake *in);

void intake_close(struct intake *in);

/* out_open - standard output or the file of -o; out_close - 0, or -errno after complaining */
int out_open(const struct settings *settings, FILE **out);
int out_close(const struct settings *settings, FILE *out);

/* intake_reads - is the file @path one of those that are read: sources, rule sets, expectations? */
bool intake_reads(const struct settings *settings, const char *path);

/*
 * keep_open - write a recording of all that will be read to @path, "-" is standard output; between
 * intake_open() and intake_model(). Return: 0, or -errno after complaining
 * keep_close - Return: was all written? If not, that was complained about
 */
int keep_open(struct intake *in, const char *path);
bool keep_close(struct intake *in);

/* For the files of the intake: a record is there; what is live. */

/* intake_take - count @rec and give it to the model; Return: 0, or -errno after complaining */
int intake_take(struct intake *in, const struct record *rec);
/* intake_lost_source - source @i cannot be read on because of @error: complain, go on without */
void intake_lost_source(struct intake *in, size_t i, int error);

/* intake_add - open one more; @must: complain and keep its place if that fails. Return: 0, -errno
 */
int intake_add(struct intake *in, const char *name, bool must);

#define LIVE_SOURCES 4 /* that are opened without being named */

/*
 * keep_begin - the head; keep_record - one more; keep_end - saved files were read to their ends;
 * keep_flush - Return: can it be written on?
 */
void keep_begin(struct intake *in);
void keep_record(struct keep *keep, const struct record *rec);
void keep_end(struct keep *keep);
bool keep_flush(struct keep *keep);

/* live_arm - what --trace asks for; Return: 0, or -errno after complaining */
int live_arm(struct intake *in);

/*
 * live_open - what is opened without being named: all that there is if nothing is named, and the
 * rule set that live sources speak of; Return: as intake_open()
 */
int live_open(struct intake *in);
/* live_start - the clock runs, signals end it; Return: 0, or -errno after complaining */
int live_start(struct intake *in);
/* live_turn - as intake_turn(), but Return 0 means only that it is over */
int live_turn(struct intake *in, int ms);

/*
 * Of logs that are followed; @now: ns since 1970; Return: 0, or -errno after complaining
 * follow_time - packets are over if nothing was heard for a while
 * follow_break_off - it ends before the log does: packets may be under way
 * follow_hand_out - there is nothing to read now: packets that waited a moment are told
 */
int follow_time(struct intake *in, int64_t now);
int follow_break_off(struct intake *in, int64_t now);
void follow_hand_out(struct intake *in, int64_t now);

#endif
