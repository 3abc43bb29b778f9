FROM eclipse-temurin:25-jre
WORKDIR /app
COPY target/gantry.jar gantry.jar
# The management port and the simulator's are meant to be reached from outside the container.
ENV MANAGEMENT_SERVER_ADDRESS=0.0.0.0
EXPOSE 8081
USER 10001
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=75", "-jar", "gantry.jar"]
CMD ["work"]
