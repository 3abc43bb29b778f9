package dev.gantry.launch;

import dev.gantry.cli.CommandLine;
import dev.gantry.cli.ExitCode;
import dev.gantry.cli.FileTrouble;
import dev.gantry.cli.Terminal;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.secret.LogScrubber;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.config.ConfigDataException;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.boot.env.RandomValuePropertySource;
import org.springframework.boot.support.SpringApplicationJsonEnvironmentPostProcessor;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.ResourceUtils;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Supplier;
import java.util.logging.LogManager;

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

    /**
     * For a process that has no context to set up logging: no library finds anything to write to.
     * Has to come before the first logger.
     */
    static void logNothing() {
        System.setProperty("slf4j.internal.verbosity", "WARN");
        System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
        System.setProperty(
                "org.apache.commons.logging.LogFactory",
                "org.apache.commons.logging.impl.Slf4jLogFactory");
        LogManager.getLogManager().reset();
    }

    /** With the shipped file's keys also where {@code spring.config.location} leaves it out. */
    static SpringApplicationBuilder of(Class<?> source, StartChecks.Of checks) {
        return new SpringApplicationBuilder(source)
                .bannerMode(Banner.Mode.OFF)
                .registerShutdownHook(false)
                .properties(defaults())
                .initializers(checks::before);
    }

    private static Properties defaults() {
        YamlPropertiesFactoryBean shipped = new YamlPropertiesFactoryBean();
        shipped.setResources(new ClassPathResource("application.yml"));
        Properties defaults = Objects.requireNonNull(shipped.getObject());
        if (Terminal.isWatched()) {
            defaults.put("gantry.observe.logged-successes", "0");
        } else {
            defaults.put("logging.structured.format.console", "ecs");
        }
        return defaults;
    }

    /**
     * What a context would be made of, by itself: the same sources in the same order, read by the
     * same rules.
     *
     * @throws Failed telling why there is none
     */
    static ConfigurableEnvironment environment(List<String> args) {
        StandardEnvironment environment = new StandardEnvironment();
        MutablePropertySources sources = environment.getPropertySources();
        sources.addFirst(
                new SimpleCommandLinePropertySource(
                        args.stream().filter(CommandLine::isProperty).toArray(String[]::new)));
        RandomValuePropertySource.addToEnvironment(environment);
        DefaultPropertiesPropertySource.addOrMerge(named(defaults()), sources);
        ConfigurationPropertySources.attach(environment);
        try {
            if (environment.containsProperty("spring.application.json")) {
                new SpringApplicationJsonEnvironmentPostProcessor()
                        .postProcessEnvironment(environment, new SpringApplication());
            }
            ConfigDataEnvironmentPostProcessor.applyTo(environment);
            checkLogging(environment);
        } catch (RuntimeException e) {
            throw new Failed(e, ExitCode.USAGE);
        }
        LogScrubber.learn(environment);
        return environment;
    }

    /** What a worker would not start with, its commands do not accept: they share the files. */
    private static void checkLogging(ConfigurableEnvironment environment) {
        String config = environment.getProperty("logging.config", "");
        try {
            if (!config.isBlank()) {
                ResourceUtils.getURL(config.strip()).openStream().close();
            }
        } catch (IOException e) {
            throw new WrongSettingsException(
                            List.of("logging.config: %s: %s".formatted(config, FileTrouble.of(e))))
                    .at(environment);
        }
    }

    private static Map<String, Object> named(Properties properties) {
        Map<String, Object> named = new LinkedHashMap<>();
        properties.forEach((name, value) -> named.put(String.valueOf(name), value));
        return named;
    }

    /**
     * Has a failure told as that of a start.
     *
     * @throws Failed telling why
     */
    static <T> T guarded(Supplier<T> start) {
        try {
            return start.get();
        } catch (RuntimeException e) {
            throw new Failed(e, isWrong(e) ? ExitCode.USAGE : ExitCode.TROUBLE);
        }
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
