/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view.h - what the view's own keys ask the program to do */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include "nfhop/tui.h"

#include "intake.h"

#define VIEW_TRACE_SIZE 512

/**
 * struct view_deeds - what the view's keys do
 * @trace: the filter that is being traced, empty: none
 */
struct view_deeds {
	struct intake *in;
	char trace[VIEW_TRACE_SIZE];
};

/* view_host - saving, and arming if @deeds->in is live; @deeds must outlive the view */
struct tui_host view_host(struct view_deeds *deeds);

#endif
