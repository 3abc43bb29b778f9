package dev.gantry.launch;

import dev.gantry.config.DatabaseKeys;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.Mistakes;
import dev.gantry.config.SettingsBinder;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.config.broker.Codecs;
import dev.gantry.config.broker.KafkaDefaults;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.config.catalog.LaneCheck;
import dev.gantry.config.catalog.StartNotices;
import dev.gantry.intake.IntakeSettings;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** What is checked before anything is built, all of it, so that one start shows every mistake. */
final class StartChecks {
    private static final Logger log = LoggerFactory.getLogger(StartChecks.class);

    private final ConfigurableEnvironment environment;
    private final Mistakes mistakes = new Mistakes();

    private StartChecks(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    /** Who starts, and so what must be right. */
    enum Of {
        WORKER,
        BROKER,
        DATABASE;

        /** Commands call nobody. */
        private SettingsBinder.Secrets secrets() {
            return this == WORKER ? SettingsBinder.Secrets.NEEDED : SettingsBinder.Secrets.UNNEEDED;
        }

        private List<String> springKeys() {
            return switch (this) {
                case WORKER -> List.of("spring.", "management.", "server.");
                case BROKER -> List.of("spring.kafka.");
                case DATABASE -> List.of("spring.datasource.");
            };
        }

        /**
         * Leaves what is right as beans.
         *
         * @throws WrongSettingsException naming each mistake
         */
        void before(ConfigurableApplicationContext context) {
            ConfigurableEnvironment environment = context.getEnvironment();
            GantrySettings settings = settings(environment, null);
            context.getBeanFactory().registerSingleton("gantrySettings", settings);
            if (this != BROKER) {
                DatabaseKeys.check(environment).forEach(log::warn);
            }
            if (this == WORKER) {
                LaneCatalog catalog = LaneCatalog.of(settings);
                LaneCheck.check(settings, catalog, environment);
                StartNotices.of(settings, catalog).forEach(log::warn);
                if (settings.audit().lacksKey()) {
                    // As shipped, and so no warning.
                    log.info(
                            "gantry.audit.content is hash and gantry.audit.hash-key is empty:"
                                    + " the audit keeps nothing of the content");
                }
                context.getBeanFactory().registerSingleton("laneCatalog", catalog);
            }
        }

        /**
         * @param connection null: where the properties say
         * @throws WrongSettingsException naming each mistake
         */
        GantrySettings settings(
                ConfigurableEnvironment environment, @Nullable KafkaConnectionDetails connection) {
            return new StartChecks(environment).settings(this, connection);
        }
    }

    private GantrySettings settings(Of who, @Nullable KafkaConnectionDetails connection) {
        GantrySettings settings = found(() -> SettingsBinder.bind(environment, who.secrets()));
        found(() -> SettingsBinder.placeholders(environment, who.springKeys()));
        if (who != Of.BROKER) {
            found(() -> DatabaseKeys.check(environment));
        }
        if (who != Of.DATABASE) {
            IntakeSettings intake = settings == null ? IntakeSettings.DEFAULT : settings.worker();
            // Asking for what it has to say has it check what each client will be given.
            found(() -> kafka(connection, intake).notices());
            if (mistakes.isEmpty()) {
                found(
                        () -> {
                            Codecs.check(environment);
                            return List.of();
                        });
            }
        }
        if (who == Of.WORKER) {
            found(() -> Binder.get(environment).bindOrCreate("server", ServerProperties.class));
            found(
                    () ->
                            Binder.get(environment)
                                    .bindOrCreate(
                                            "management.server", ManagementServerProperties.class));
        }
        try {
            mistakes.stop();
        } catch (WrongSettingsException e) {
            throw e.at(environment); // in the order of the files
        }
        return Objects.requireNonNull(settings);
    }

    private KafkaDefaults kafka(
            @Nullable KafkaConnectionDetails connection, IntakeSettings intake) {
        KafkaProperties kafka =
                Binder.get(environment).bindOrCreate("spring.kafka", KafkaProperties.class);
        return new KafkaDefaults(
                kafka,
                connection == null ? kafka::getBootstrapServers : connection,
                environment,
                intake);
    }

    private <T> @Nullable T found(Supplier<T> check) {
        try {
            return check.get();
        } catch (WrongSettingsException e) {
            mistakes.addAll(e.at(environment));
        } catch (BindException e) {
            mistakes.addAll(WrongSettingsException.unreadable(e));
        }
        return null;
    }
}
