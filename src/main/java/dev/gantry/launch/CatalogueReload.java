package dev.gantry.launch;

import dev.gantry.config.GantrySettings;
import dev.gantry.config.SettingsChange;
import dev.gantry.config.SettingsFiles;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.config.catalog.CatalogueChange;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.config.catalog.LaneCheck;
import dev.gantry.config.catalog.StartNotices;
import dev.gantry.discovery.ModelDiscovery;
import dev.gantry.event.ReloadReport;
import dev.gantry.event.ReloadReport.Outcome;
import dev.gantry.inference.LaneId;
import dev.gantry.metering.Quote;
import dev.gantry.observe.ReloadAnnouncer;
import dev.gantry.observe.ReloadPost;
import dev.gantry.request.RequestTopics;
import dev.gantry.secret.LogScrubber;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.core.env.ConfigurableEnvironment;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Reads the configuration again and puts in force what of it may change while the worker runs. What
 * a start would refuse is refused here in the same words, and changes nothing.
 */
final class CatalogueReload implements ReloadPost.Reload {
    private final ConfigurableEnvironment running;
    private final GantrySettings started;
    private final KafkaConnectionDetails connection;
    private final CatalogueSwap swap;
    private final RequestTopics topics;
    private final ModelDiscovery discovery;
    private final ReloadAnnouncer announcer;
    private final InstantSource clock;

    /** What of the configuration is in force; guarded by this. */
    private GantrySettings inForce;

    CatalogueReload(
            ConfigurableEnvironment running,
            GantrySettings started,
            KafkaConnectionDetails connection,
            CatalogueSwap swap,
            RequestTopics topics,
            ModelDiscovery discovery,
            ReloadAnnouncer announcer,
            InstantSource clock) {
        this.running = running;
        this.started = started;
        this.connection = connection;
        this.swap = swap;
        this.topics = topics;
        this.discovery = discovery;
        this.announcer = announcer;
        this.clock = clock;
        this.inForce = started;
    }

    /**
     * All that can be said against a new configuration is said here; what is in force decides
     * whether it was refused.
     */
    @Override
    public synchronized ReloadReport by(String actor, String reason) {
        Order order = new Order(actor, reason, swap.inForce());
        Next next = null;
        List<String> mistakes = List.of();
        try {
            next = prepared();
            swap.to(next.catalog());
            discovery.watch(next.catalog().discovering());
        } catch (WrongSettingsException e) {
            mistakes = e.mistakes().stream().map(Scrubber::masked).toList();
        } catch (RuntimeException e) {
            // A message may quote what was read.
            mistakes = List.of("an error of Gantry's own: " + e.getClass().getName());
        }
        boolean taken = next != null && swap.inForce().sameSettings(next.catalog());
        ReloadReport report =
                next != null && taken ? taken(order, next, mistakes) : refused(order, mistakes);
        announcer.announce(report);
        return report;
    }

    /** Who wants it, and what was in force. */
    private record Order(String actor, String reason, LaneCatalog before) {}

    /**
     * What was read and can be put in force.
     *
     * @param springKeys keys of Spring's that have changed
     */
    private record Next(GantrySettings settings, LaneCatalog catalog, List<String> springKeys) {}

    private Next prepared() {
        ConfigurableEnvironment fresh = SettingsFiles.reread(running);
        LogScrubber.learn(fresh);
        GantrySettings settings = StartChecks.Of.WORKER.settings(fresh, connection);
        LaneCatalog catalog = swap.inForce().next(settings);
        LaneCheck.check(settings, catalog, fresh);
        Next next = new Next(settings, catalog, SettingsFiles.changedSpringKeys(running, fresh));
        open(catalog);
        return next;
    }

    private void open(LaneCatalog catalog) {
        try {
            swap.open(catalog);
        } catch (NoSuchSslBundleException e) {
            // Bundles are those that Spring read at the start.
            throw wrong(e.getMessage() + "; a new spring.ssl.bundle needs a restart");
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        } catch (RuntimeException e) {
            throw wrong("an endpoint cannot be opened, " + e.getClass().getSimpleName());
        }
    }

    private static WrongSettingsException wrong(@Nullable String what) {
        return new WrongSettingsException(List.of("gantry.providers: " + what));
    }

    /**
     * @param troubles what went wrong after it was in force
     */
    private ReloadReport taken(Order order, Next next, List<String> troubles) {
        SettingsChange settings = SettingsChange.of(started, inForce, next.settings());
        List<String> notices = new ArrayList<>(StartNotices.of(next.settings(), next.catalog()));
        notices.removeAll(StartNotices.of(inForce, order.before()));
        notices.addAll(troubles);
        inForce = next.settings();
        topics.replace(inForce.sources());
        boolean same = settings.taken().isEmpty() && next.catalog().equals(order.before());
        return new ReloadReport(
                UUID.randomUUID().toString(),
                clock.instant(),
                order.actor(),
                order.reason(),
                same ? Outcome.UNCHANGED : Outcome.CHANGED,
                next.catalog().hash(),
                prices(next.catalog()),
                lanes(CatalogueChange.between(order.before(), next.catalog())),
                settings.taken(),
                Stream.concat(settings.needRestart().stream(), next.springKeys().stream()).toList(),
                notices,
                List.of());
    }

    private ReloadReport refused(Order order, List<String> mistakes) {
        return new ReloadReport(
                UUID.randomUUID().toString(),
                clock.instant(),
                order.actor(),
                order.reason(),
                Outcome.REFUSED,
                order.before().hash(),
                prices(order.before()),
                ReloadReport.Lanes.SAME,
                List.of(),
                List.of(),
                List.of(),
                mistakes);
    }

    /** The sources of the prices in force, each with its version. */
    private static List<String> prices(LaneCatalog catalog) {
        return catalog.prices().quotes().values().stream()
                .map(CatalogueReload::source)
                .distinct()
                .sorted()
                .toList();
    }

    private static String source(Quote quote) {
        return quote.source() + ":" + quote.version();
    }

    private static ReloadReport.Lanes lanes(CatalogueChange change) {
        return new ReloadReport.Lanes(
                values(change.added()), values(change.removed()), values(change.changed()));
    }

    private static List<String> values(List<LaneId> lanes) {
        return lanes.stream().map(LaneId::value).toList();
    }
}
