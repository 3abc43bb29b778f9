package dev.gantry.launch;

import dev.gantry.config.GantrySettings;
import dev.gantry.config.KafkaDefaults;
import dev.gantry.config.LaneCatalog;
import dev.gantry.delivery.Origin;
import dev.gantry.delivery.Publisher;
import dev.gantry.fleet.WorkerHeartbeat;
import dev.gantry.intake.Intake;
import dev.gantry.observe.Backlog;
import dev.gantry.observe.IntakeEndpoint;
import dev.gantry.observe.IntakeMeters;
import dev.gantry.observe.PollLoopHealth;
import dev.gantry.observe.RequestMeters;
import dev.gantry.observe.SpoolMeters;
import dev.gantry.observe.WorkHealth;
import dev.gantry.worker.Witness;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.apache.kafka.clients.admin.Admin;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.time.Duration;
import java.time.InstantSource;

/** What can be seen of a running worker. */
@Configuration(proxyBeanMethods = false)
class ObserveConfiguration {
    /** Beyond what a rebalance may rightly take on top of its grace. */
    private static final Duration STUCK = Duration.ofSeconds(60);

    @Bean
    Witness requestMeters(MeterRegistry registry, InstantSource clock) {
        return new RequestMeters(registry, clock);
    }

    @Bean
    IntakeEndpoint intakeEndpoint(Intake intake) {
        return new IntakeEndpoint(intake);
    }

    @Bean
    PollLoopHealth pollLoopHealthIndicator(Intake intake, GantrySettings settings) {
        return new PollLoopHealth(intake, STUCK.plus(settings.worker().revokeGrace()));
    }

    @Bean
    WorkHealth workHealthIndicator(Intake intake, Publisher publisher, WorkerHeartbeat heartbeat) {
        return new WorkHealth(intake, publisher, heartbeat);
    }

    @Bean(initMethod = "start")
    Backlog backlog(Intake intake, KafkaDefaults kafka) {
        return new Backlog(intake, () -> Admin.create(kafka.adminProperties()));
    }

    @Bean
    MeterBinder intakeMeters(Intake intake, Backlog backlog) {
        return new IntakeMeters(intake, backlog);
    }

    @Bean
    MeterBinder spoolMeters(Publisher publisher) {
        return new SpoolMeters(publisher);
    }

    /** Shows drift across a fleet: another version, or another catalogue. */
    @Bean
    MeterBinder buildInfo(Origin origin, LaneCatalog catalog) {
        return registry ->
                Gauge.builder("gantry.build.info", () -> 1)
                        .tag("version", origin.build())
                        .tag("catalog", catalog.hash())
                        .register(registry);
    }
}
