package dev.gantry.launch;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.config.catalog.CatalogueChange;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.discovery.ListedModel;
import dev.gantry.inference.LaneId;
import dev.gantry.limit.FleetLimits;
import dev.gantry.observe.LaneMeters;
import dev.gantry.observe.RequestMeters;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.Providers;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.Lane;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Replaces what is offered while the worker runs. Whoever knows of lanes is told here, in an order
 * that never shows a request a lane that some part does not know yet.
 */
final class CatalogueSwap {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogueSwap.class);

    private final Parts parts;

    /** Guarded by this. */
    private LaneCatalog inForce;

    /** Whoever knows of lanes. */
    record Parts(
            Catalogue catalogue,
            Circuits circuits,
            AdmissionControl admission,
            FleetLimits limits,
            Providers providers,
            LaneMeters meters,
            RequestMeters requests) {}

    CatalogueSwap(Parts parts, LaneCatalog first) {
        this.parts = parts;
        this.inForce = first;
    }

    synchronized LaneCatalog inForce() {
        return inForce;
    }

    synchronized List<Endpoint> endpoints() {
        return inForce.endpoints();
    }

    /**
     * Has its endpoints ready, so that nothing but trouble with them can be said against it.
     *
     * @throws RuntimeException if an endpoint cannot be used; nothing has changed then
     */
    synchronized void open(LaneCatalog next) {
        try {
            parts.providers().open(next.endpoints());
        } catch (RuntimeException e) {
            parts.providers().keep(inForce.endpoints());
            throw e;
        }
    }

    /**
     * From now on requests begin with this one, whose endpoints are open, and with what instances
     * have listed since it was made.
     */
    synchronized void to(LaneCatalog next) {
        replace(next.listing(inForce));
    }

    private void replace(LaneCatalog next) {
        // Both while the catalogue changes: nobody is routed to a lane that counts as gone.
        List<ScopeMembership> both = new ArrayList<>(inForce.members());
        both.addAll(next.members());
        parts.circuits().offer(both);
        parts.limits().offer(next.limits());
        parts.catalogue().replace(next.snapshot());
        LaneCatalog before = inForce;
        inForce = next;
        parts.circuits().offer(next.members());
        parts.admission().leaveGone();
        parts.admission().lookAnew(concerned(before, next));
        parts.providers().keep(next.endpoints());
        Set<LaneId> offered = ids(next);
        parts.requests().keep(offered);
        parts.catalogue().latencies().keep(offered);
        parts.meters().show(shown(next));
    }

    /** Lanes whose model has got another lane: whoever waits for them may go there. */
    private static Set<LaneId> concerned(LaneCatalog before, LaneCatalog next) {
        Set<LaneId> known = ids(before);
        Set<String> appeared =
                next.lanes().stream()
                        .filter(each -> !known.contains(each.id()))
                        .flatMap(each -> each.names().stream())
                        .collect(Collectors.toSet());
        return before.lanes().stream()
                .filter(each -> !Collections.disjoint(each.names(), appeared))
                .map(Lane::id)
                .collect(Collectors.toSet());
    }

    private static Set<LaneId> ids(LaneCatalog catalog) {
        return catalog.lanes().stream().map(Lane::id).collect(Collectors.toSet());
    }

    /**
     * Lanes follow what instances list.
     *
     * @param listed by the instances' ids
     */
    synchronized void follow(Map<String, List<ListedModel>> listed) {
        LaneCatalog before = inForce;
        LaneCatalog next = before.listing(listed);
        if (next.equals(before)) {
            return;
        }
        replace(next);
        CatalogueChange change = CatalogueChange.between(before, next);
        LOG.atInfo()
                .addKeyValue("added", change.added())
                .addKeyValue("removed", change.removed())
                .addKeyValue("changed", change.changed())
                .log("lanes follow the models that are listed");
    }

    /** What the gauges show of it. */
    static LaneMeters.Shown shown(LaneCatalog catalog) {
        return new LaneMeters.Shown(
                catalog.lanes().stream().map(Lane::id).toList(), catalog.hash());
    }
}
