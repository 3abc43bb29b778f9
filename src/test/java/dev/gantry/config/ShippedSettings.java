package dev.gantry.config;

import dev.gantry.audit.AuditSettings;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.event.Decisions;
import dev.gantry.event.TopicSettings;
import dev.gantry.fleet.DatabaseSettings;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.Tier;
import dev.gantry.inference.WhenBenched;
import dev.gantry.intake.IntakeSettings;
import dev.gantry.intake.membership.GroupProtocol;
import dev.gantry.outbox.SpoolBounds;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.secret.Secret;

import org.springframework.util.unit.DataSize;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Every default, written out once more: one changes only on purpose. */
final class ShippedSettings {
    private ShippedSettings() {}

    static GantrySettings settings() {
        return new GantrySettings(
                "default",
                new IntakeSettings(
                        "",
                        "gantry",
                        GroupProtocol.AUTO,
                        2000,
                        null,
                        0.5,
                        50_000,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        DataSize.ofMegabytes(8),
                        DataSize.ofMegabytes(16),
                        Duration.ofSeconds(20),
                        Duration.ofHours(24)),
                new TopicSettings(
                        "gantry.requests",
                        "gantry.results",
                        "gantry.chunks",
                        "gantry.metering",
                        "gantry.audit",
                        "gantry.routing",
                        "gantry.dead-letters",
                        true,
                        60,
                        (short) -1),
                List.of(),
                new DatabaseSettings(new SchemaName("gantry"), null),
                Map.of(),
                new RoutingSettings(
                        true,
                        3,
                        100,
                        0.90,
                        Map.of(
                                Tier.LOCAL, 110,
                                Tier.FLEET, 110,
                                Tier.DIRECT, 105,
                                Tier.CLOUD, 120,
                                Tier.FRONTIER, 150),
                        RoutingSettings.Order.WEIGHT,
                        null,
                        null,
                        List.of(),
                        RoutingSettings.UnknownModel.REJECT,
                        RoutingSettings.ModelMismatch.DEFAULT,
                        WhenBenched.WAIT,
                        true,
                        false,
                        List.of(),
                        List.of(),
                        List.of(),
                        Map.of()),
                Map.of(),
                new CircuitSettings(
                        3,
                        0.5,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(15),
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(5),
                        Duration.ofHours(1)),
                new AuditSettings(AuditSettings.Content.HASH, new Secret("")),
                new GantrySettings.Metering(true),
                new GantrySettings.Observe(Decisions.ESCALATED, 1, true),
                new SpoolBounds(5_000_000, DataSize.ofGigabytes(20)),
                new GantrySettings.Pricing(null),
                new GantrySettings.Operator(new Secret(""), List.of()));
    }
}
