FROM eclipse-temurin:25-jre
WORKDIR /app
COPY target/bin bin
COPY target/lib lib
# Of this image's JVM: one made by another would not fit. Starts take half of the time.
RUN bin/gantry --make-aot-cache
ENV JAVA_OPTS="-XX:MaxRAMPercentage=75 -XX:+ExitOnOutOfMemoryError"
# Probes and scrapers come from outside the container. (The simulator binds where its --bind says.)
ENV MANAGEMENT_SERVER_ADDRESS=0.0.0.0
EXPOSE 8081
# Writes nothing but /tmp, which must not be noexec: the codecs of Kafka records unpack native libraries there.
USER 10001:10001
ENTRYPOINT ["bin/gantry"]
CMD ["work"]
