package dev.gantry.chaos;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

import java.time.Duration;
import java.time.InstantSource;

/** Puts the clock of a worker off by {@code chaos.clock-skew}; without it, does nothing. */
public final class ClockSkew
        implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    static final String KEY = "chaos.clock-skew";

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        Duration skew = context.getEnvironment().getProperty(KEY, Duration.class, Duration.ZERO);
        if (!skew.isZero()) {
            context.getBeanFactory().addBeanPostProcessor(new Shift(skew));
        }
    }

    private record Shift(Duration skew) implements BeanPostProcessor {
        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
            if (!(bean instanceof InstantSource clock)) {
                return bean;
            }
            System.out.println("clock off by " + skew);
            InstantSource shifted = () -> clock.instant().plus(skew);
            return shifted;
        }
    }
}
