package dev.gantry.secret;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.AppenderAttachable;

import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

import java.util.Iterator;

/**
 * Puts the scrubber in front of whatever writes log lines, ours and those of libraries, in any
 * format and to any file, and tells it which values of the environment are secrets. A start that
 * fails before logging is set up is logged as well.
 */
public final class LogScrubber implements ApplicationListener<SpringApplicationEvent>, Ordered {
    /** Behind the listener that sets up logging, and likewise undoes that when a start fails. */
    @Override
    public int getOrder() {
        return LoggingApplicationListener.DEFAULT_ORDER + 1;
    }

    @Override
    public void onApplicationEvent(SpringApplicationEvent event) {
        if (event instanceof ApplicationEnvironmentPreparedEvent prepared) {
            learn(prepared.getEnvironment());
        }
        if (event instanceof ApplicationEnvironmentPreparedEvent
                || event instanceof ApplicationFailedEvent) {
            install();
        }
    }

    /** What stands under the secret keys of an environment is masked from now on. */
    public static void learn(ConfigurableEnvironment environment) {
        Scrubber.learn(SecretValues.of(environment));
    }

    /** Takes in the writers that there are now; those that have been taken in stay so. */
    public static void install() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            for (Logger logger : context.getLoggerList()) {
                wrap(logger);
            }
        }
    }

    private static void wrap(AppenderAttachable<ILoggingEvent> holder) {
        Iterator<Appender<ILoggingEvent>> appenders = holder.iteratorForAppenders();
        while (appenders.hasNext()) {
            wrap(appenders.next());
        }
    }

    @SuppressWarnings("unchecked") // an appender that holds others holds those of its own kind
    private static void wrap(Appender<ILoggingEvent> appender) {
        if (appender instanceof OutputStreamAppender<ILoggingEvent> writer) {
            Encoder<ILoggingEvent> encoder = writer.getEncoder();
            if (encoder != null && !(encoder instanceof ScrubbingEncoder)) {
                writer.setEncoder(started(encoder));
            }
        } else if (appender instanceof AppenderAttachable<?> holder) {
            wrap((AppenderAttachable<ILoggingEvent>) holder);
        }
    }

    private static ScrubbingEncoder started(Encoder<ILoggingEvent> encoder) {
        ScrubbingEncoder scrubbing = new ScrubbingEncoder(encoder);
        scrubbing.setContext(encoder.getContext());
        scrubbing.start();
        return scrubbing;
    }
}
