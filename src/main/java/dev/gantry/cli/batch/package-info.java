/** Submit and collect: a file of requests on its way out, and its results on their way back. */
@NullMarked
package dev.gantry.cli.batch;

import org.jspecify.annotations.NullMarked;
