package dev.gantry.launch;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.UnsynchronizedAppenderBase;

import dev.gantry.memory.Exhaustion;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Reads the log for want of memory: threads of libraries (Kafka's above all) catch whatever comes,
 * log it, and are dead or deaf from then on.
 */
final class ExhaustionWatch extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final String OURS = "dev.gantry.";

    private ExhaustionWatch() {}

    /** Once Spring has set the logging up, which throws out earlier appenders. */
    static void attach(ConfigurableApplicationContext context) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logging) {
            var watch = new ExhaustionWatch();
            watch.setContext(logging);
            watch.setName("exhaustion");
            watch.start();
            logging.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(watch);
        }
    }

    /** Our own code has asked before it logs. */
    @Override
    protected void append(ILoggingEvent event) {
        if (!event.getLoggerName().startsWith(OURS)
                && event.getThrowableProxy() instanceof ThrowableProxy proxy) {
            Exhaustion.check(proxy.getThrowable());
        }
    }
}
