<?php

// Drives the official PHP SDK: JSON-line commands on stdin, one JSON-line answer each on stdout. The commands are described
// in ../../README.md. Started with the folder of a project that has the SDK and Guzzle in its `vendor`.

declare(strict_types=1);

require $argv[1] . '/vendor/autoload.php';

use LaunchDarkly\Integrations\Guzzle;
use LaunchDarkly\LDClient;
use LaunchDarkly\LDContext;
use LaunchDarkly\Types\ApplicationInfo;

function start(array $command): LDClient
{
    return new LDClient($command['sdkKey'], [
        'base_uri' => $command['baseUrl'],
        'events_uri' => $command['baseUrl'],
        'event_publisher' => Guzzle::eventPublisher(),
        'application_info' => (new ApplicationInfo())->withId('conformance')->withVersion('1.2'),
        'logger' => new Psr\Log\NullLogger(),
    ]);
}

function context(array $command): LDContext
{
    return LDContext::fromJson(json_encode($command['context']));
}

function evaluate(LDClient $client, array $command): array
{
    $detail = $client->variationDetail($command['flag'], context($command), $command['default'] ?? null);
    return [
        'value' => $detail->getValue(),
        'variation' => $detail->getVariationIndex(),
        'reason' => array_filter($detail->getReason()->jsonSerialize(), fn($member) => $member !== null),
    ];
}

/** Each evaluation asks the server. */
function waitFor(LDClient $client, array $command): array
{
    $until = microtime(true) + $command['timeoutMs'] / 1000;
    do {
        $seen = evaluate($client, $command);
        $met = $seen['value'] === $command['expect']['value'];
    } while (!$met && microtime(true) < $until && usleep(20_000) === null);
    return ['met' => $met, 'seen' => $seen];
}

function track(LDClient $client, array $command): array
{
    $client->track($command['event'], context($command), $command['data'] ?? null, $command['metric'] ?? null);
    return [];
}

$clients = [];
while (($line = fgets(STDIN)) !== false) {
    try {
        $command = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
        $name = $command['client'] ?? 'main';
        if ($command['cmd'] === 'init') {
            $clients[$name] = start($command);
        }
        $client = $clients[$name] ?? throw new Exception('no such client');
        $reply = match ($command['cmd']) {
            // There is nothing to wait for: what is asked for is fetched.
            'init' => ['initialized' => true],
            'evaluate' => evaluate($client, $command),
            'wait-for' => waitFor($client, $command),
            'track' => track($client, $command),
            'flush' => ['flushed' => $client->flush()],
            'close' => [],
        };
        if ($command['cmd'] === 'close') {
            unset($clients[$name]);
        }
        $reply['ok'] = true;
    } catch (Throwable $error) {
        $reply = ['ok' => false, 'error' => (string) $error];
    }
    echo json_encode($reply, JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_UNICODE), "\n";
}
