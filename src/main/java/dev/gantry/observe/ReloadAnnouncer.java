package dev.gantry.observe;

import dev.gantry.delivery.Delivery;
import dev.gantry.event.ReloadReport;
import dev.gantry.event.ReloadReport.Outcome;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts, logs and publishes that the catalogue was read again. */
public final class ReloadAnnouncer {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadAnnouncer.class);

    private final Delivery delivery;
    private final MeterRegistry registry;

    public ReloadAnnouncer(Delivery delivery, MeterRegistry registry) {
        this.delivery = delivery;
        this.registry = registry;
        for (Outcome each : Outcome.values()) {
            counter(each); // so that a first refusal is seen as a rise from 0
        }
    }

    public void announce(ReloadReport report) {
        counter(report.outcome()).increment();
        switch (report.outcome()) {
            case REFUSED ->
                    LOG.atWarn()
                            .addKeyValue("actor", report.actor())
                            .addKeyValue("mistakes", report.mistakes())
                            .log("the configuration is wrong: what was in force stays in force");
            case CHANGED, UNCHANGED ->
                    LOG.atInfo()
                            .addKeyValue("actor", report.actor())
                            .addKeyValue("catalog", report.catalog())
                            .addKeyValue("added", report.lanes().added())
                            .addKeyValue("removed", report.lanes().removed())
                            .addKeyValue("changed", report.lanes().changed())
                            .addKeyValue("settings", report.settings())
                            .addKeyValue("needs_restart", report.needRestart())
                            .log("configuration read again");
        }
        report.notices().forEach(LOG::warn);
        delivery.reloaded(report);
    }

    private Counter counter(Outcome outcome) {
        return Counter.builder("gantry.reloads")
                .description("times the configuration was read again while the worker ran")
                .tag("outcome", outcome.label())
                .register(registry);
    }
}
