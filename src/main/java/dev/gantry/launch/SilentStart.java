package dev.gantry.launch;

import dev.gantry.cli.ExitCode;
import dev.gantry.cli.Terminal;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.config.ConfigDataException;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.ClassPathResource;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Objects;
import java.util.Properties;

/**
 * Starts what Spring Boot makes of a configuration. Whatever is wrong is said by the caller, once,
 * in plain words; neither a banner nor a stack trace is printed.
 */
final class SilentStart {
    private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

    private SilentStart() {}

    /** Has Spring Boot report nothing. Listed in META-INF/spring.factories. */
    @Order(Ordered.HIGHEST_PRECEDENCE)
    static final class Reporter implements SpringBootExceptionReporter {
        @SuppressWarnings("PMD.UnusedFormalParameter") // Spring hands it to every reporter
        Reporter(@Nullable ConfigurableApplicationContext context) {}

        @Override
        public boolean reportException(Throwable failure) {
            return true;
        }
    }

    /** What could not be started, and why. */
    static final class Failed extends RuntimeException {
        private final ExitCode code;

        private Failed(RuntimeException cause, ExitCode code) {
            super(why(cause), cause);
            this.code = code;
        }

        int code() {
            return code.code();
        }
    }

    /** With the shipped file's keys also where {@code spring.config.location} leaves it out. */
    static SpringApplicationBuilder of(Class<?> source, StartChecks.Of checks) {
        YamlPropertiesFactoryBean shipped = new YamlPropertiesFactoryBean();
        shipped.setResources(new ClassPathResource("application.yml"));
        Properties defaults = Objects.requireNonNull(shipped.getObject());
        if (Terminal.isWatched()) {
            defaults.put("gantry.observe.logged-successes", "0");
        } else {
            defaults.put("logging.structured.format.console", "ecs");
        }
        return new SpringApplicationBuilder(source)
                .bannerMode(Banner.Mode.OFF)
                .registerShutdownHook(false)
                .properties(defaults)
                .initializers(checks::before);
    }

    /**
     * @throws Failed telling why there is none
     */
    static ConfigurableApplicationContext run(SpringApplicationBuilder application, String[] args) {
        PrintStream err = System.err;
        boolean[] configured = {false};
        application.initializers(
                _ -> {
                    configured[0] = true;
                    System.setErr(err);
                });
        // A setting that is wrong early on makes Spring print a stack trace past its own log.
        System.setErr(NOWHERE);
        try {
            return application.run(args);
        } catch (RuntimeException e) {
            boolean wrong = !configured[0] || isWrong(e);
            throw new Failed(e, wrong ? ExitCode.USAGE : ExitCode.TROUBLE);
        } finally {
            System.setErr(err);
        }
    }

    private static boolean isWrong(@Nullable Throwable trouble) {
        return trouble != null
                && (trouble instanceof WrongSettingsException
                        || trouble instanceof BindException
                        || trouble instanceof ConfigDataException
                        || isWrong(trouble.getCause()));
    }

    /** What is wrong in the settings; else what the trouble began with. */
    static String why(Throwable trouble) {
        Throwable cause = trouble.getCause();
        return switch (trouble) {
            case WrongSettingsException wrong -> String.valueOf(wrong.getMessage());
            case BindException wrong when !(cause instanceof WrongSettingsException) ->
                    String.valueOf(WrongSettingsException.unreadable(wrong).getMessage());
            case PortInUseException taken ->
                    "port %d is taken by another process; --management.server.port=PORT names another"
                            .formatted(taken.getPort());
            case Throwable _ when cause != null -> why(cause);
            default -> {
                String message = trouble.getMessage();
                yield message == null
                        ? trouble.getClass().getSimpleName()
                        : Scrubber.masked(message);
            }
        };
    }
}
