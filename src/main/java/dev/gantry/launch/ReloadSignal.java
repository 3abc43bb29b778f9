package dev.gantry.launch;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;

/**
 * SIGHUP has the configuration read again, as daemons do; unhandled, the JVM would end at it. By
 * reflection, because the compiler warns of the one class that knows signals, and nothing can tell
 * it not to.
 */
final class ReloadSignal {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadSignal.class);
    private static final String ACTOR = "SIGHUP";

    private ReloadSignal() {}

    /**
     * Where the platform has the signal and leaves it to us.
     *
     * @param started holds null until the worker has started
     */
    static void listen(AtomicReference<@Nullable ConfigurableApplicationContext> started) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, _) -> handled(proxy, method, started));
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), ours);
        } catch (ReflectiveOperationException e) {
            LOG.atDebug().setCause(e).log("no SIGHUP here: POST /actuator/reload does the same");
        }
    }

    /** Of a proxy: what every object has, and the one method of a handler. */
    private static @Nullable Object handled(
            Object proxy,
            Method method,
            AtomicReference<@Nullable ConfigurableApplicationContext> started) {
        return switch (method.getName()) {
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> false;
            case "toString" -> ACTOR;
            default -> {
                reload(started.get());
                yield null;
            }
        };
    }

    private static void reload(@Nullable ConfigurableApplicationContext worker) {
        if (worker == null || !worker.isActive()) {
            LOG.atInfo().log("SIGHUP while the worker starts or stops: nothing is read again");
            return;
        }
        var _ = worker.getBean(CatalogueReload.class).by(ACTOR, "");
    }
}
