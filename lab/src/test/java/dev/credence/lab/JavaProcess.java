package dev.credence.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program of the tests' class path in a process of its own, which may be killed. */
public final class JavaProcess {
    private JavaProcess() {}

    /**
     * One that starts fast, and writes all that it says behind what is in a file.
     *
     * @param log the file
     * @param main name of the class
     * @param arguments of the program
     * @return the process, not started
     */
    public static ProcessBuilder of(Path log, String main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    }
}
