/* SPDX-License-Identifier: GPL-2.0-or-later */
/* intake.h - what every command that reads has in common: sources, rules, prefixes, model */
#ifndef CLI_INTAKE_H
#define CLI_INTAKE_H

#include "cli.h"
#include "nfhop/source.h"

#include "merge.h"

/* Closed packets held back so that what comes later can speak for them; some 100 MB. */
#define INTAKE_KEPT 100000

/**
 * struct part - how far one source was read
 * @position: bytes of it
 * @failed: it could not be read on
 */
struct part {
	uint64_t position, lines;
	bool failed;
};

/**
 * struct intake - zero it, then intake_open()
 * @names: of the sources, as they are called in reports; records name them by number
 * @rules, @prefixes: NULL where there are none
 * @model: what was read so far; everybody's to ask
 * @seconds: how long reading took, when it has ended
 */
struct intake {
	const struct settings *settings;
	struct source **sources;
	struct part *parts;
	const char **names;
	size_t n;
	struct ruleset *rules;
	struct prefixes *prefixes;
	struct model *model;
	double seconds;
	/* private */
	struct merge *merge;
	struct progress progress;
	uint64_t read;
	double started;
	bool failed;
};

/**
 * intake_open - open all sources and read rule sets and prefixes that the settings name
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
 * @ms: how long to wait if there is nothing to read now; files never wait
 *
 * Bounded work, so that a view stays alive. Findings are not drawn (model_conclude()).
 * Return: 1 if more may come, 0 after the end (model_end() was called), -errno after complaining
 */
int intake_turn(struct intake *in, int ms);

/* intake_read - turn until the end; Return: 0, or -errno after complaining */
int intake_read(struct intake *in);

/* intake_failed - was there a source that could not be read to its end? (complained about) */
bool intake_failed(const struct intake *in);

void intake_close(struct intake *in);

/* intake_reads - is the file @path one of the sources? */
bool intake_reads(const struct settings *settings, const char *path);

#endif
