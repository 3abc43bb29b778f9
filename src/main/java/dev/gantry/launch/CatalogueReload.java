package dev.gantry.launch;

import dev.gantry.config.CatalogueChange;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.LaneCatalog;
import dev.gantry.config.SettingsChange;
import dev.gantry.config.SettingsFiles;
import dev.gantry.config.StartNotices;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.event.ReloadReport;
import dev.gantry.inference.LaneId;
import dev.gantry.metering.Quote;
import dev.gantry.observe.ReloadAnnouncer;
import dev.gantry.observe.ReloadPost;
import dev.gantry.secret.LogScrubber;
import dev.gantry.secret.Scrubber;

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
    /** More often a file that was half written, or is not where it was, than anybody's wish. */
    private static final String NO_LANES =
            "gantry.providers has no lanes: a worker that has some is not left without any";

    private final ConfigurableEnvironment running;
    private final GantrySettings started;
    private final StartChecks.Again checks;
    private final CatalogueSwap swap;
    private final ReloadAnnouncer announcer;
    private final InstantSource clock;

    /** What of the configuration is in force; guarded by this. */
    private GantrySettings inForce;

    CatalogueReload(
            ConfigurableEnvironment running,
            GantrySettings started,
            StartChecks.Again checks,
            CatalogueSwap swap,
            ReloadAnnouncer announcer,
            InstantSource clock) {
        this.running = running;
        this.started = started;
        this.checks = checks;
        this.swap = swap;
        this.announcer = announcer;
        this.clock = clock;
        this.inForce = started;
    }

    @Override
    public synchronized ReloadReport by(String actor, String reason) {
        ReloadReport report;
        try {
            report = taken(actor, reason, SettingsFiles.reread(running));
        } catch (WrongSettingsException e) {
            report = refused(actor, reason, e.mistakes());
        } catch (NoSuchSslBundleException e) {
            report = refused(actor, reason, List.of(unknownBundle(e)));
        } catch (IllegalArgumentException e) {
            // An endpoint that cannot be used, which only opening it shows.
            report = refused(actor, reason, List.of("gantry.providers: " + e.getMessage()));
        }
        announcer.announce(report);
        return report;
    }

    /** Of the bundles that Spring read at the start. */
    private static String unknownBundle(NoSuchSslBundleException trouble) {
        return "gantry.providers: %s; a new spring.ssl.bundle needs a restart"
                .formatted(trouble.getMessage());
    }

    private ReloadReport taken(String actor, String reason, ConfigurableEnvironment fresh) {
        LogScrubber.learn(fresh);
        GantrySettings now = checks.of(fresh);
        LaneCatalog before = swap.inForce();
        LaneCatalog next = LaneCatalog.of(now);
        if (next.lanes().isEmpty() && !before.lanes().isEmpty()) {
            return refused(actor, reason, List.of(NO_LANES));
        }
        swap.to(next, now.routing());
        SettingsChange settings = SettingsChange.of(started, inForce, now);
        List<String> notices = new ArrayList<>(StartNotices.of(now, next));
        notices.removeAll(StartNotices.of(inForce, before));
        inForce = now;
        return new ReloadReport(
                UUID.randomUUID().toString(),
                clock.instant(),
                actor,
                reason,
                next.hash(),
                prices(next),
                lanes(CatalogueChange.between(before, next)),
                settings.taken(),
                Stream.concat(
                                settings.needRestart().stream(),
                                SettingsFiles.changedSpringKeys(running, fresh).stream())
                        .toList(),
                notices,
                List.of());
    }

    private ReloadReport refused(String actor, String reason, List<String> mistakes) {
        LaneCatalog same = swap.inForce();
        return new ReloadReport(
                UUID.randomUUID().toString(),
                clock.instant(),
                actor,
                reason,
                same.hash(),
                prices(same),
                ReloadReport.Lanes.SAME,
                List.of(),
                List.of(),
                List.of(),
                mistakes.stream().map(Scrubber::masked).toList());
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
