package dev.gantry.config.catalog;

import dev.gantry.audit.AuditSettings;
import dev.gantry.config.GantrySettings;
import dev.gantry.inference.ModelType;
import dev.gantry.request.RequestTopic;
import dev.gantry.routing.Lane;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What a start has to say about a configuration that is right but does less than it seems to. */
public final class StartNotices {
    private StartNotices() {}

    /** Each one sentence; free of secrets. */
    public static List<String> of(GantrySettings settings, LaneCatalog catalog) {
        List<String> notices = new ArrayList<>();
        lanes(catalog, notices);
        topics(settings, catalog, notices);
        memory(settings, Runtime.getRuntime().maxMemory(), notices);
        return List.copyOf(notices);
    }

    /** A glob may be of models that are discovered later, so it is no mistake. */
    private static void topics(GantrySettings settings, LaneCatalog catalog, List<String> notices) {
        for (RequestTopic topic : settings.sources()) {
            for (String glob : topic.allowance().models()) {
                if (catalog.lanes().stream().noneMatch(each -> each.matches(glob))) {
                    notices.add(
                            "gantry.request-topics: topic %s: allow.models: %s matches no model of the lanes there are"
                                    .formatted(topic.name(), glob));
                }
            }
        }
    }

    private static void lanes(LaneCatalog catalog, List<String> notices) {
        TreeSet<String> instances = new TreeSet<>();
        for (Lane lane : catalog.lanes()) {
            if (!lane.credentials()) {
                instances.add(lane.id().provider() + ":" + lane.id().instance());
            }
        }
        for (Lane lane : catalog.lanes()) {
            if (lane.credentials()
                    && lane.id().type() != ModelType.MODERATION // billed nowhere
                    && catalog.prices().quote(lane.id()).isEmpty()) {
                notices.add(
                        "lane %s has no price: what its calls cost is unknown; say 0 if nothing"
                                .formatted(lane.id().value()));
            }
        }
        instances.forEach(
                instance ->
                        notices.add(
                                "missing_credentials: %s has no key, its lanes are excluded"
                                        .formatted(instance)));
    }

    /**
     * Answers count twice, in full audits four times; an eighth and two of the largest may
     * overdraw.
     */
    static void memory(GantrySettings settings, long heap, List<String> notices) {
        long copies = settings.audit().content() == AuditSettings.Content.FULL ? 4 : 2;
        long answer = settings.worker().maxResponseSize().toBytes();
        long budget = settings.worker().maxInFlightBytes();
        long overdrawn = budget / 8 + 2 * copies * answer;
        if (budget + overdrawn > 0.75 * heap) {
            notices.add(
                    ("gantry.worker.max-in-flight-size (%d bytes), an eighth of it and two"
                                    + " answers of"
                                    + " max-response-size (%d bytes), held %d times, need more than three"
                                    + " quarters of the heap (%d bytes): memory may run out")
                            .formatted(budget, answer, copies, heap));
        }
    }
}
