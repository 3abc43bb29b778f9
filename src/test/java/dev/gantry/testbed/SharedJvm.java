package dev.gantry.testbed;

import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.boot.logging.LoggingSystem;

import java.time.Duration;

/** What three classes that share two cores and a JVM must not do to each other. */
public final class SharedJvm implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        // What is awaited may take longer than ten seconds.
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
        // Each start of a worker would set up logging anew: while it does, nobody's lines are
        // written, and appenders of other tests are gone.
        System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        // A worker closes a connection of its pages that has been idle for 15 s, maybe just as a
        // client takes it for its next request.
        System.setProperty("jdk.httpclient.keepalive.timeout", "5");
    }
}
