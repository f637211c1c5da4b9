/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * play.c - plays a script of keys to the view, without a terminal, and prints the screens
 *
 * usage: play WIDTHxHEIGHT SCRIPT
 *
 * A script is lines of:
 *
 *   args WORD...      the view's arguments; first of all, on one line or several
 *   ascii             the terminal has no UTF-8
 *   keep N            packets that are kept, fewer than the program keeps
 *   can arm|save      the program can do that; it says what it is asked for and answers yes
 *   tracing FILTER    what the kernel traces from the start
 *   keys NAME...      keys by name: Enter Down j ^D
 *   type TEXT         the keys of a text
 *   click X Y         the mouse
 *   size WxH          from here on
 *   show [styles]     print the screen; styles: how it is coloured, too
 *   # ...             a comment
 *
 * It is run at the top of the tree. What the program would do on the user's behalf is printed.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfhop/tui.h"

#include "intake.h"
#include "options.h"

#define WORDS_MAX 64
#define LINE_SIZE 1024

struct play {
	struct settings settings;
	struct intake in;
	struct tui *tui;
	struct tui_news news;
	struct tui_host host;
	bool ascii;
	unsigned int width, height;
	size_t keep;
	char args[LINE_SIZE], trace[LINE_SIZE];
	char *words[WORDS_MAX + 1];
	bool over;
};

/* options.c and help.c speak of the commands, which live beside main() */
const struct command commands[] = { { "view", COMMAND_VIEW, "", "", NULL }, { 0 } };

static int arm(void *who, const char *filter, char *err, size_t n)
{
	struct play *play = who;

	(void)err;
	(void)n;
	printf("arm: %s\n", *filter ? filter : "(nothing)");
	play->news.trace = "host 192.0.2.1";
	return 0;
}

static int save(void *who, enum tui_save what, const char *file, const struct flow *flow,
		const char *text, char *err, size_t n)
{
	(void)who;
	printf("save to %s: %s of flow %u\n", file,
	       what == TUI_SAVE_RECORDING ? "the records" : text, flow->no);
	snprintf(err, n, "12 records");
	return 0;
}

static void settle(struct play *play)
{
	while (tui_tick(play->tui, &play->news))
		;
}

static void start(struct play *play)
{
	struct model_config config = model_config_default();
	int n = 1;

	if (play->tui)
		return;
	play->words[0] = (char[]){ "view" };
	for (char *word = strtok(play->args, " "); word && n < WORDS_MAX; word = strtok(NULL, " "))
		play->words[n++] = word;
	config.max_kept = play->keep ? play->keep : INTAKE_KEPT;
	if (options_parse(&play->settings, &commands[0], play->words, n, play->words) < 0 ||
	    intake_open(&play->in, &play->settings) < 0 ||
	    intake_model(&play->in, config, NULL) < 0 || intake_read(&play->in) < 0)
		exit(2);
	play->news.sources = strrchr(play->in.names[0], '/') ? strrchr(play->in.names[0], '/') + 1
							     : play->in.names[0];
	play->tui = tui_create(play->in.model, &play->host, !play->ascii);
	settle(play);
}

static void press(struct play *play, uint32_t code, unsigned int x, unsigned int y)
{
	struct tui_key key = { code, x, y };

	start(play);
	play->over |= !tui_key(play->tui, &key);
	settle(play);
}

static void keys(struct play *play, char *names)
{
	char *rest = NULL;

	for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		uint32_t code = tui_key_named(str_from(name));

		if (!code) {
			fprintf(stderr, "play: no key %s\n", name);
			exit(2);
		}
		press(play, code, 0, 0);
	}
}

static void type(struct play *play, const char *text)
{
	for (; *text; text++)
		press(play, (unsigned char)*text, 0, 0);
}

static void click(struct play *play, const char *text)
{
	unsigned int x, y;

	if (sscanf(text, "%u %u", &x, &y) == 2)
		press(play, TUI_KEY_CLICK, x, y);
}

static void show(struct play *play, bool styles)
{
	const struct canvas *canvas;

	start(play);
	if (play->over)
		puts("(the view has ended)");
	tui_draw(play->tui, play->width, play->height); /* lists learn how high they are */
	canvas = tui_draw(play->tui, play->width, play->height);
	canvas_print(canvas, stdout, false);
	if (styles) {
		puts("--- styles");
		canvas_print(canvas, stdout, true);
	}
	puts("===");
}

static void set_size(struct play *play, const char *text)
{
	if (sscanf(text, "%ux%u", &play->width, &play->height) != 2)
		exit(2);
}

static void can(struct play *play, const char *what)
{
	if (!strcmp(what, "arm")) {
		play->host.arm = arm;
		play->news.live = true;
	}
	if (!strcmp(what, "save"))
		play->host.save = save;
}

static void set_trace(struct play *play, const char *filter)
{
	snprintf(play->trace, sizeof(play->trace), "%s", filter);
	play->news.trace = play->trace;
}

static void add_args(struct play *play, const char *words)
{
	size_t n = strlen(play->args);

	snprintf(play->args + n, sizeof(play->args) - n, " %s", words);
}

static void do_line(struct play *play, char *line)
{
	char *rest = line + strcspn(line, " ");

	if (!strncmp(line, "keys", 4) || !strncmp(line, "type", 4) || !strncmp(line, "click", 5))
		puts(line);
	if (*rest)
		*rest++ = '\0';
	if (!strcmp(line, "args"))
		add_args(play, rest);
	else if (!strcmp(line, "ascii"))
		play->ascii = true;
	else if (!strcmp(line, "keep"))
		play->keep = (size_t)atoi(rest);
	else if (!strcmp(line, "can"))
		can(play, rest);
	else if (!strcmp(line, "tracing"))
		set_trace(play, rest);
	else if (!strcmp(line, "keys"))
		keys(play, rest);
	else if (!strcmp(line, "type"))
		type(play, rest);
	else if (!strcmp(line, "click"))
		click(play, rest);
	else if (!strcmp(line, "size"))
		set_size(play, rest);
	else if (!strcmp(line, "show"))
		show(play, *rest);
	else if (*line && *line != '#')
		exit(2);
}

int main(int argc, char **argv)
{
	struct play play = { .news = { .trace = "", .percent = -1 } };
	char line[LINE_SIZE];
	FILE *script;

	setlocale(LC_CTYPE, "");
	if (argc != 3 || !(script = fopen(argv[2], "r"))) {
		fputs("usage: play WIDTHxHEIGHT SCRIPT\n", stderr);
		return 2;
	}
	play.host.who = &play;
	set_size(&play, argv[1]);
	while (fgets(line, sizeof(line), script)) {
		line[strcspn(line, "\n")] = '\0';
		do_line(&play, line);
	}
	fclose(script);
	tui_destroy(play.tui);
	intake_close(&play.in);
	settings_finish(&play.settings);
	return 0;
}
