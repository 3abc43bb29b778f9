package dev.gantry.launch;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.budget.BudgetLedger;
import dev.gantry.circuit.Circuits;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.KafkaDefaults;
import dev.gantry.fleet.WorkerHeartbeat;
import dev.gantry.intake.Intake;
import dev.gantry.memory.ByteBudget;
import dev.gantry.observe.ConsumerLag;
import dev.gantry.observe.IntakeEndpoint;
import dev.gantry.observe.IntakeMeters;
import dev.gantry.observe.LanesEndpoint;
import dev.gantry.observe.LastErrors;
import dev.gantry.observe.ListedLane;
import dev.gantry.observe.MemoryMeters;
import dev.gantry.observe.PollLoopHealth;
import dev.gantry.observe.RequestMeters;
import dev.gantry.observe.SpoolMeters;
import dev.gantry.observe.WorkHealth;
import dev.gantry.outbox.Publisher;
import dev.gantry.routing.Catalogue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.apache.kafka.clients.admin.Admin;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** What can be seen of a running worker. */
@Configuration(proxyBeanMethods = false)
class ObserveConfiguration {
    /** Beyond what a rebalance may rightly take on top of its grace. */
    private static final Duration STUCK = Duration.ofSeconds(60);

    /** A worker that its group does not take for so long may fare better as a new process. */
    private static final Duration OUTSIDE_GROUP = Duration.ofMinutes(5);

    @Bean
    LastErrors lastErrors() {
        return new LastErrors();
    }

    @Bean
    RequestMeters requestMeters(MeterRegistry registry, LastErrors errors, InstantSource clock) {
        return new RequestMeters(registry, errors, clock);
    }

    @Bean
    LanesEndpoint lanesEndpoint(
            Circuits circuits, AdmissionControl admission, Catalogue catalogue, LastErrors errors) {
        return new LanesEndpoint(circuits, admission, () -> listed(catalogue), errors);
    }

    private static List<ListedLane> listed(Catalogue catalogue) {
        return catalogue.current().lanes().stream()
                .map(lane -> new ListedLane(lane.id(), lane.weight(), lane.credentials()))
                .toList();
    }

    @Bean
    IntakeEndpoint intakeEndpoint(Intake intake) {
        return new IntakeEndpoint(intake);
    }

    @Bean
    PollLoopHealth pollLoopHealthIndicator(Intake intake, GantrySettings settings) {
        return new PollLoopHealth(
                intake, STUCK.plus(settings.worker().revokeGrace()), OUTSIDE_GROUP);
    }

    @Bean
    WorkHealth workHealthIndicator(
            Intake intake,
            Publisher publisher,
            WorkerHeartbeat heartbeat,
            Circuits circuits,
            ByteBudget budget,
            BudgetLedger ledger,
            GantrySettings settings) {
        return new WorkHealth(
                intake,
                publisher,
                heartbeat,
                circuits,
                budget,
                ledger::answers,
                settings.worker().maxParked());
    }

    @Bean(initMethod = "start")
    ConsumerLag lag(Intake intake, KafkaDefaults kafka) {
        return new ConsumerLag(intake, () -> Admin.create(kafka.adminProperties()));
    }

    @Bean
    MeterBinder intakeMeters(Intake intake, ConsumerLag lag) {
        return new IntakeMeters(intake, lag);
    }

    @Bean
    MeterBinder memoryMeters(ByteBudget budget) {
        return new MemoryMeters(budget);
    }

    @Bean
    MeterBinder spoolMeters(Publisher publisher) {
        return new SpoolMeters(publisher);
    }
}
