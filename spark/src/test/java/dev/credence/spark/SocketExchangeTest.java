package dev.credence.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tasks meet over sockets, hear each other in order, let no stranger in, and notice who is gone. */
class SocketExchangeTest {
    private final CompletableFuture<String> address = new CompletableFuture<>();

    private String[] gather(String said) {
        if (!said.isEmpty()) {
            address.complete(said);
        }
        return new String[] {address.join()};
    }

    private CompletableFuture<SocketExchange> met(int place, int tasks) {
        return CompletableFuture.supplyAsync(
                () -> SocketExchange.meet(place, tasks, "127.0.0.1", this::gather), task -> new Thread(task).start());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static CompletableFuture<List<String>> tell(SocketExchange exchange, String what) {
        return CompletableFuture.supplyAsync(
                () -> exchange.tell(what.getBytes(StandardCharsets.UTF_8)).stream()
                        .map(SocketExchangeTest::text)
                        .toList(),
                task -> new Thread(task).start());
    }

    @Test
    void allHearAllInOrderAndAStrangerIsSentAway() throws Exception {
        CompletableFuture<SocketExchange> first = met(0, 3);
        String[] words = address.get().split(" ", -1);
        try (Socket stranger = new Socket(words[0], Integer.parseInt(words[1]))) {
            stranger.getOutputStream().write(new byte[64]);
            assertThat(stranger.getInputStream().read()).isEqualTo(-1);
        }
        List<CompletableFuture<SocketExchange>> all = List.of(first, met(1, 3), met(2, 3));
        List<SocketExchange> met = new ArrayList<>();
        for (CompletableFuture<SocketExchange> each : all) {
            met.add(each.get());
        }
        for (int round = 0; round < 3; round++) {
            String of = " of " + round;
            List<CompletableFuture<List<String>>> heard = IntStream.range(0, 3)
                    .mapToObj(k -> tell(met.get(k), k + of))
                    .toList();
            for (CompletableFuture<List<String>> each : heard) {
                assertThat(each.get()).containsExactly("0" + of, "1" + of, "2" + of);
            }
        }
        met.forEach(SocketExchange::close);
    }

    @Test
    void whoIsGoneIsNoticedByAll() throws Exception {
        List<CompletableFuture<SocketExchange>> all = List.of(met(0, 3), met(1, 3), met(2, 3));
        all.get(2).get().close();
        CompletableFuture<List<String>> heard = tell(all.get(1).get(), "one");
        assertThatThrownBy(() -> tell(all.get(0).get(), "first").get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(UncheckedIOException.class);
        all.get(0).get().close();
        assertThatThrownBy(heard::get).hasRootCauseInstanceOf(IOException.class);
        all.get(1).get().close();
    }
}
