// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * journal.c - kernel messages of the systemd journal, from now on
 *
 * journalctl runs as a child and prints its export format, which is cut like that of a file. It
 * stands in a process group of its own, so that Ctrl-C ends us and we end it; and the kernel ends
 * it when we are killed. What it says on its standard error is kept: it is the reason when it
 * ends by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live.h"

/**
 * struct journal
 * @file: cuts what @out brings
 * @err: its standard error, -1 if closed
 * @pid: the child, 0 if it was waited for
 */
struct journal {
	struct live live;
	struct source *file;
	int err;
	pid_t pid;
};

/* struct pipes - [0] to read; both ends are closed in a program that is started */
struct pipes {
	int out[2], err[2], started[2];
};

static void close_pipe(int fds[2])
{
	for (unsigned int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static void close_pipes(struct pipes *pipes)
{
	close_pipe(pipes->out);
	close_pipe(pipes->err);
	close_pipe(pipes->started);
}

static int open_pipes(struct pipes *pipes)
{
	*pipes = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (pipe2(pipes->out, O_CLOEXEC) < 0 || pipe2(pipes->err, O_CLOEXEC) < 0 ||
	    pipe2(pipes->started, O_CLOEXEC) < 0) {
		int err = -errno;

		close_pipes(pipes);
		return err;
	}
	return 0;
}

/* In the child. Comes back only if journalctl cannot be started, to tell why. */
static void become_journalctl(const struct pipes *pipes, pid_t parent)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), err;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it is gone already */
		raise(SIGKILL);
	dup2(nothing, STDIN_FILENO);
	dup2(pipes->out[1], STDOUT_FILENO);
	dup2(pipes->err[1], STDERR_FILENO);
	execlp("journalctl", "journalctl", "--dmesg", "--output=export", "--follow", "--lines=0",
	       "--no-pager", (char *)NULL);
	err = errno;
	while (write(pipes->started[1], &err, sizeof(err)) < 0 && errno == EINTR)
		;
	raise(SIGKILL);
}

/* Return: 0 once journalctl runs, or why it does not (-errno) */
static int wait_started(struct pipes *pipes)
{
	int err = 0;
	ssize_t n;

	close(pipes->started[1]);
	pipes->started[1] = -1;
	do
		n = read(pipes->started[0], &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? -err : 0;
}

static int start(struct journal *journal, struct pipes *pipes)
{
	pid_t parent = getpid();
	int ret;

	journal->pid = fork();
	if (journal->pid < 0) {
		ret = -errno;
		journal->pid = 0;
		return ret;
	}
	if (!journal->pid)
		become_journalctl(pipes, parent);
	ret = wait_started(pipes);
	if (ret < 0)
		return ret;
	ret = file_open_fd(pipes->out[0], journal->live.number, &journal->file);
	if (ret < 0)
		return ret;
	pipes->out[0] = -1;
	journal->err = pipes->err[0];
	pipes->err[0] = -1;
	return fcntl(journal->err, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static void reap(struct journal *journal)
{
	if (!journal->pid)
		return;
	kill(journal->pid, SIGKILL);
	while (waitpid(journal->pid, NULL, 0) < 0 && errno == EINTR)
		;
	journal->pid = 0;
}

/* Its own last words, the first line of them. */
static int ended(struct journal *journal)
{
	char words[160];
	ssize_t n = journal->err < 0 ? 0 : read(journal->err, words, sizeof(words) - 1);

	words[n < 0 ? 0 : n] = '\0';
	words[strcspn(words, "\n")] = '\0';
	reap(journal);
	live_trouble(&journal->live, "journalctl ended%s%s", *words ? ": " : "", words);
	return -EPIPE;
}

static int journal_next(struct source *source, struct record *rec)
{
	struct journal *journal = (struct journal *)source;
	int ret;

	if (!journal->pid)
		return 0;
	*journal->live.trouble = '\0'; /* what was said at the start need not be said again */
	ret = source_next(journal->file, rec);
	return ret ? ret : ended(journal);
}

static int journal_fd(const struct source *source)
{
	const struct journal *journal = (const struct journal *)source;

	return journal->file ? source_fd(journal->file) : -1;
}

static uint64_t journal_position(const struct source *source)
{
	const struct journal *journal = (const struct journal *)source;

	return journal->file ? source_position(journal->file) : 0;
}

static void journal_close(struct source *source)
{
	struct journal *journal = (struct journal *)source;

	reap(journal);
	source_close(journal->file);
	if (journal->err >= 0)
		close(journal->err);
	free(journal);
}

static const struct source_ops journal_ops = {
	.next = journal_next,
	.close = journal_close,
	.fd = journal_fd,
	.trouble = live_ops_trouble,
	.position = journal_position,
};

int journal_open(const char *name, unsigned int number, const struct source_want *want,
		 struct source **source)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	struct pipes pipes;
	int ret;

	(void)want;
	if (!journal)
		return -ENOMEM;
	live_init(&journal->live, &journal_ops, number);
	journal->err = -1;
	*source = &journal->live.source;
	if (*name) {
		live_trouble(&journal->live, "expected journal: alone, found journal:%s", name);
		return -EINVAL;
	}
	ret = open_pipes(&pipes);
	if (ret < 0)
		return ret;
	ret = start(journal, &pipes);
	close_pipes(&pipes);
	/* journalctl waits for ever where there is no journal */
	if (!ret && access("/run/systemd/journal/socket", F_OK) < 0)
		live_trouble(&journal->live,
			     "journald does not seem to run here: if nothing comes, try kmsg:");
	if (ret == -ENOENT)
		live_trouble(&journal->live,
			     "journalctl is not here: kmsg: reads the same messages, from the "
			     "kernel itself");
	return ret;
}
