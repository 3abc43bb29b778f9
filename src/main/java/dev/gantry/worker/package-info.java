/** The whole job on one page: route, escalate, deliver. */
@NullMarked
package dev.gantry.worker;

import org.jspecify.annotations.NullMarked;
