// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check_command.c - a command as the traffic of a check
 *
 * The kernel is made to trace, the command runs while what the kernel says is read, and when it
 * has ended and nothing has come for a while, every packet's way is over. The command's own
 * output goes to standard error: standard output holds the result, which a machine may read.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define TURN_MS	  20
#define QUIET_S	  0.5  /* without an event: what the command sent is through */
#define AFTER_S	  10.0 /* others may go on sending for ever */
#define WARM_UP_S 0.2  /* the rule set is read before the first packet comes */

extern char **environ;

/* What is traced without -t: see expect_trace() */
static int arm(struct check *check)
{
	struct arm_error err;
	struct query *q;
	char text[256];
	int ret = check->settings->trace ? 1 : expect_trace(&check->all, &q);

	if (ret)
		return ret > 0 ? 0 : ret;
	ret = intake_trace(&check->in, q, &err);
	if (ret < 0)
		complain("cannot trace: %s", err.text);
	else if (check->settings->loud > 0)
		complain("tracing %.*s", (int)(query_print(q, text, sizeof(text)) % sizeof(text)),
			 text);
	query_destroy(q);
	return ret;
}

static int start(char *const *words, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int ret;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE); /* that we ignore it is no concern of the command's */
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	ret = posix_spawnp(pid, words[0], &files, &attributes, words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	if (ret)
		complain("cannot run %s: %s", words[0], strerror(ret));
	return -ret;
}

/* Return: 1 if more may come, as intake_turn() */
static int turn_for(struct check *check, double seconds)
{
	double ends = seconds_now() + seconds;
	int ret;

	do
		ret = intake_turn(&check->in, TURN_MS);
	while (ret > 0 && seconds_now() < ends);
	return ret;
}

static void tell_end(const struct check *check, int status)
{
	const char *name = check->settings->child[0];

	if (WIFEXITED(status))
		complain("%s ended with status %d", name, WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		complain("%s was ended by signal %d", name, WTERMSIG(status));
}

/*
 * What the command ended with is no answer, unless nothing was seen of it: it failed before it
 * sent anything, or it sent from elsewhere.
 */
static void tell_run(const struct check *check, int status)
{
	const struct settings *settings = check->settings;
	bool seen = model_stats(check->in.model)->packets;

	if (settings->loud > 0 || (settings->loud == 0 && !seen && status))
		tell_end(check, status);
	if (seen || settings->loud < 0)
		return;
	complain("no packet was seen in %s%s while %s ran%s",
		 settings->netns ? "network namespace " : "this network namespace",
		 settings->netns ? settings->netns : "", settings->child[0],
		 settings->netns ? "" : "; --netns NAME if its packets pass another one");
}

/* cut_short - what was not seen by now may have come later; Return: 0 */
static int cut_short(struct check *check)
{
	const struct settings *settings = check->settings;
	uint64_t packets = model_stats(check->in.model)->packets;
	const char *why = intake_signalled()				  ? "a signal came"
			  : settings->count && packets >= settings->count ? "--count was reached"
			  : settings->for_ns				  ? "--for was over"
									  : "nothing more came";

	snprintf(check->cut, sizeof(check->cut), "reading ended before %.60s did: %s",
		 settings->child[0], why);
	check->run.cut = check->cut;
	complain("%s; what was seen until then is judged", check->cut);
	return 0;
}

/* Return: 1 once the command has ended, 0 if reading ended before it, -errno */
static int turn_until(struct check *check, pid_t pid, int *status)
{
	int ret = 1;
	pid_t ended;

	while ((ended = waitpid(pid, status, WNOHANG)) == 0 && ret > 0)
		ret = intake_turn(&check->in, TURN_MS);
	if (ended == 0) {
		kill(pid, SIGTERM);
		waitpid(pid, status, 0);
	}
	return ret;
}

static int turn_until_quiet(struct check *check)
{
	double ends = seconds_now() + AFTER_S, quiet = seconds_now();
	uint64_t events = model_stats(check->in.model)->events;
	int ret = 1;

	while (ret > 0 && seconds_now() < ends && seconds_now() < quiet + QUIET_S) {
		ret = intake_turn(&check->in, TURN_MS);
		if (model_stats(check->in.model)->events != events)
			quiet = seconds_now();
		events = model_stats(check->in.model)->events;
	}
	return ret;
}

int check_command(struct check *check)
{
	pid_t pid;
	int ret, status = 0;

	if (!check->in.live) {
		complain("-- COMMAND is watched while it runs: that needs a live source, as nft:");
		return -EINVAL;
	}
	ret = arm(check);
	if (!ret)
		ret = turn_for(check, WARM_UP_S);
	if (ret <= 0)
		return ret ? ret : cut_short(check);
	ret = start(check->settings->child, &pid);
	if (!ret)
		ret = turn_until(check, pid, &status);
	if (!ret)
		return cut_short(check);
	if (ret > 0)
		ret = turn_until_quiet(check);
	intake_stop(&check->in);
	while (ret > 0)
		ret = intake_turn(&check->in, 0);
	if (!ret)
		tell_run(check, status);
	return ret;
}
