// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - `nfhop check`: packets held against a file of expectations */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define COMPLAINTS 8 /* a file with more wrong lines is another file */

/* struct complaints - about @file; @n lines of it are wrong */
struct complaints {
	const char *file;
	size_t n;
};

static void complain_expectation(void *who, const struct expect_error *err)
{
	struct complaints *c = who;
	char message[512];

	if (c->n++ >= COMPLAINTS)
		return;
	query_error_text(&err->what, err->text, message, sizeof(message));
	complain_line(c->file, err->line, err->text, err->what.at, err->what.n, message);
}

/* A capture where the expectations should stand: the arguments were swapped, as a rule. */
static bool is_capture(struct str text)
{
	return text.n && memchr(text.p, '\0', text.n < 4096 ? text.n : 4096);
}

static void complain_more(const struct check *check, const struct complaints *c)
{
	if (c->n > COMPLAINTS)
		complain("%s: %zu more lines are wrong%s", c->file, c->n - COMPLAINTS,
			 check->all.n ? ""
				      : "; the file of expectations comes first, then captures");
}

/* Return: 0, or -errno after complaining */
static int load(struct check *check, const char *file)
{
	struct complaints wrong = { file, 0 };
	struct str text = { NULL, 0 };
	int ret = file_read(file, &text);

	if (ret < 0) {
		complain("cannot read %s: %s", file, strerror(-ret));
	} else if (is_capture(text)) {
		complain("%s is no file of expectations: that comes first, then captures", file);
		ret = -EINVAL;
	} else {
		ret = expectations_parse(&check->all, file, text, complain_expectation, &wrong);
		complain_more(check, &wrong);
		if (ret == -ENOMEM)
			complain("%s", strerror(-ret));
		else if (!ret && !check->all.n) {
			complain("%s: no expectation in it; see nfhop-check(7)", file);
			ret = -EINVAL;
		}
	}
	free((char *)text.p);
	return ret;
}

/* What the settings name are the expectations, then sources. */
static int complain_nothing(const struct settings *settings)
{
	if (settings->learn)
		complain("--learn needs a capture to learn from:\n"
			 "\n"
			 "    nfhop check --learn -r rules.save -o gateway.expect kern.log");
	else if (settings->n_sources)
		complain("-- needs a command behind it:\n"
			 "\n"
			 "    nfhop check %s -- ping -c 1 192.0.2.1",
			 settings->sources[0]);
	else
		complain("check needs a file of expectations:\n"
			 "\n"
			 "    nfhop check gateway.expect kern.log\n"
			 "    nfhop check gateway.expect -- ping -c 1 192.0.2.1");
	return STATUS_USAGE;
}

/* A command whose -- was forgotten. */
static void tell_runnable(const struct settings *settings)
{
	for (size_t i = 0; i < settings->n_sources; i++)
		if (strcmp(settings->sources[i], "-") && !access(settings->sources[i], X_OK))
			complain("%s is a program: if it is to make the traffic, put -- before it",
				 settings->sources[i]);
}

/* Nothing that is a log proves nothing: that is an answer, but hardly what was meant. */
static void tell_after(const struct check *check)
{
	if (check->settings->child)
		intake_tell_untimed(&check->in);
	else if (intake_tell(&check->in, true) != STATUS_FINE)
		tell_runnable(check->settings);
}

/* Packets that are handed out when all is known; of live sources they are asked for then. */
static int read_packets(struct check *check)
{
	struct model_config config = model_config_default();
	struct model_sink sink = { check->in.live ? NULL : expect_packet, &check->run };
	int ret;

	config.max_kept = INTAKE_KEPT;
	check->in.whole = true;
	ret = intake_model(&check->in, config, check->settings->learn ? NULL : &sink);
	if (!ret && !check->settings->child)
		intake_tell(&check->in, false);
	if (!ret)
		ret = check->settings->child ? check_command(check) : intake_read(&check->in);
	if (ret >= 0)
		tell_after(check);
	if (ret < 0 || !check->in.live)
		return ret;
	for (size_t i = 0; i < model_packet_count(check->in.model); i++)
		if (model_packet_shown(check->in.model, model_packet_at(check->in.model, i)))
			expect_packet(&check->run, check->in.model,
				      model_packet_at(check->in.model, i));
	return 0;
}

static int write_answers(struct check *check, FILE *out)
{
	const struct settings *settings = check->settings;
	struct check_report report = {
		.out = out,
		.color = terminal_color(settings->color, fileno(out)),
		.utf8 = terminal_utf8(),
		.width = terminal_width(fileno(out)),
		.run = &check->run,
		.names = check->in.names,
		.n_names = check->in.n_names,
		.seconds = check->in.seconds,
	};
	int ret = expect_end(&check->run, check->in.model);

	if (ret < 0) {
		complain("%s", strerror(-ret));
		return ret;
	}
	settings->check->write(&report, check->in.model);
	return 0;
}

/* What went into a file: whoever reads the log of a CI job sees how it ended. */
static void tell_counts(const struct check *check)
{
	const struct settings *settings = check->settings;
	size_t n[EXPECT_ANSWER_MAX] = { 0 };

	if (!settings->file || settings->loud < 0)
		return;
	for (size_t i = 0; i < check->all.n; i++)
		n[check->run.results[i].answer]++;
	complain("%s: %zu ok, %zu not ok, %zu inconclusive", settings->file, n[EXPECT_PASSED],
		 n[EXPECT_FAILED], n[EXPECT_INCONCLUSIVE]);
}

static int answer(struct check *check)
{
	static const int statuses[] = {
		[EXPECT_PASSED] = STATUS_FINE,
		[EXPECT_FAILED] = STATUS_FAILED,
		[EXPECT_INCONCLUSIVE] = STATUS_INCONCLUSIVE,
	};
	FILE *out;
	int ret;

	if (out_open(check->settings, &out) < 0)
		return STATUS_USAGE;
	ret = check->settings->learn ? expect_learn(out, check->in.model)
				     : write_answers(check, out);
	if (out_close(check->settings, out) < 0 || ret < 0)
		return STATUS_USAGE;
	if (check->settings->learn)
		return STATUS_FINE;
	tell_counts(check);
	return statuses[expect_worst(&check->run)];
}

/* What is not traced, or not looked at, proves nothing. */
static int start(struct check *check)
{
	int ret = expect_start(&check->run, &check->all);

	check->run.narrows[0] = (struct expect_narrow){ "-t", check->settings->trace };
	check->run.narrows[1] = (struct expect_narrow){ "the filter", check->settings->filter };
	return ret;
}

static int run(struct check *check)
{
	if (intake_open(&check->in, check->settings) < 0 || start(check) < 0 ||
	    read_packets(check) < 0 || intake_failed(&check->in))
		return STATUS_USAGE;
	return answer(check);
}

int check_run(const struct settings *given)
{
	struct settings settings = *given;
	struct check check = { .settings = &settings };
	int status = STATUS_USAGE;

	if (!settings.n_sources || (settings.child && !settings.child[0]))
		return complain_nothing(given);
	if (!settings.learn) {
		settings.expectations = settings.sources[0];
		settings.sources++;
		settings.n_sources--;
	}
	if (settings.learn || load(&check, given->sources[0]) == 0)
		status = run(&check);
	intake_close(&check.in);
	expect_finish(&check.run);
	expectations_finish(&check.all);
	return status;
}
