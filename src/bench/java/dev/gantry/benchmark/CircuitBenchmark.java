package dev.gantry.benchmark;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.circuit.CircuitFeed.Source;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.fleet.DatabaseSettings;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedDatabase;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** How soon workers agree. Checks nothing. */
class CircuitBenchmark {
    private static final int TRIPS = Integer.getInteger("trips", 200);
    static final List<LaneId> LANES =
            IntStream.range(0, 200)
                    .mapToObj(
                            each ->
                                    new LaneId(
                                            Tier.CLOUD,
                                            "p" + each % 20,
                                            "main",
                                            ModelType.INFERENCE,
                                            "model-" + each))
                    .toList();

    /** Of three workers, from the trip at the first to the refusal at the last. */
    @Test
    void agreement() throws Exception {
        System.out.println("notify: " + agreement(null));
        // A database that takes the connection and never says a word of this schema's circuits.
        System.out.println("poll only: " + agreement("jdbc:postgresql://127.0.0.1:1/nobody"));
    }

    private static String agreement(@Nullable String listenUrl) throws Exception {
        SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());
        try (HikariDataSource pool = SharedDatabase.pool(6)) {
            new FleetSchema(pool, schema).migrate();
            List<Circuits> workers = new ArrayList<>();
            for (int each = 0; each < 3; each++) {
                Circuits circuits =
                        Circuits.shared(
                                CircuitSettings.DEFAULT,
                                members(),
                                WorkerName.of("w" + each),
                                pool,
                                new DatabaseSettings(schema, listenUrl),
                                InstantSource.system());
                circuits.start();
                workers.add(circuits);
            }
            Source wanted = listenUrl == null ? Source.NOTIFY : Source.POLL_ONLY;
            for (Circuits each : workers) {
                Await.until("fed", () -> each.status().source() == wanted);
            }
            int trips = listenUrl == null ? TRIPS : Math.min(TRIPS, 100);
            long[] micros = new long[trips];
            for (int trip = 0; trip < trips; trip++) {
                micros[trip] = trip(workers, LANES.get(trip % LANES.size())) / 1000;
            }
            workers.forEach(Circuits::close);
            Arrays.sort(micros);
            return String.format(
                    Locale.ROOT,
                    "%d trips, p50 %.1f ms, p99 %.1f ms, worst %.1f ms",
                    trips,
                    micros[trips / 2] / 1e3,
                    micros[trips * 99 / 100] / 1e3,
                    micros[trips - 1] / 1e3);
        }
    }

    private static long trip(List<Circuits> workers, LaneId lane) {
        Circuits first = workers.getFirst();
        long begun = System.nanoTime();
        first.failed(
                lane,
                first.now(),
                new LaneFailure(
                        ErrorKind.RATE_LIMIT, Reach.QUOTA, Duration.ofMinutes(10), "HTTP 429"));
        for (Circuits each : workers) {
            while (!(each.availability(lane) instanceof LaneAvailability.Benched)) {
                LockSupport.parkNanos(50_000);
            }
        }
        return System.nanoTime() - begun;
    }

    static List<ScopeMembership> members() {
        return LANES.stream()
                .map(lane -> new ScopeMembership(lane, lane.provider(), QuotaScope.LANE))
                .toList();
    }
}
