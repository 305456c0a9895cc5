package deploytest_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
)

// What a user may do is tried on servers without streams, so that nothing reaches anybody.
//
//nolint:paralleltest // nats-server reads its configuration's variables from the environment of this process
func TestPermissions(t *testing.T) {
	c := startCluster(t)
	services := []string{"ingest", "processor", "postback", "callback", "eventbridge"}
	everyone := append([]string{"reader"}, services...)
	for _, row := range []struct {
		name    string
		publish string // or else
		listen  string
		may     []string // of everyone
	}{
		{name: "AJobIsTakenInByIngestAndFollowedByTheProcessor", publish: "ringback.job.std.03.demo", may: []string{"ingest", "processor"}},
		{name: "AnAssetIsWrittenByIngestAndTheProcessor", publish: "$KV.assets.demo.image.upload.x", may: []string{"ingest", "processor"}},
		{name: "AnAssetIsReadByIngestAndTheProcessor", publish: "$JS.API.STREAM.MSG.GET.KV_assets", may: []string{"ingest", "processor"}},
		{name: "AJobIsWorkedOnByTheProcessorAlone", publish: "$JS.API.CONSUMER.MSG.NEXT.RINGBACK_JOBS.processor-std-03", may: []string{"processor"}},
		{name: "AJobIsSettledByTheProcessorAlone", publish: "$JS.ACK.RINGBACK_JOBS.processor-std-03.1.1.1.1.0", may: []string{"processor"}},
		{name: "AResultIsWrittenByTheProcessorAlone", publish: "ringback.evt.demo.result.x", may: []string{"processor"}},
		{name: "ARecordIsWrittenByTheProcessorAlone", publish: "ringback.prv.demo.x", may: []string{"processor"}},
		{name: "ARecordIsReadByServices", publish: "$JS.API.STREAM.MSG.GET.RINGBACK_EVENTS", may: services},
		{name: "ARecordIsNoLiveMessage", listen: "ringback.prv.>", may: nil},
		{name: "EverythingIsHeardByNobody", listen: ">", may: nil},
		{name: "AnswersToServicesAreHeardByServices", listen: "_RINGBACK_INBOX.>", may: services},
		{name: "LiveMessagesAreHeardByPeopleAndIngest", listen: "ringback.live.demo.>", may: []string{"ingest", "reader"}},
		{name: "NobodyForgesALiveResult", publish: "ringback.live.demo.result.x", may: nil},
		{name: "ADeliveryIsMadeByPostbackAlone", publish: "ringback.hook.lane.01.first.e", may: []string{"postback"}},
		{name: "ADeliveryIsTakenByPostbackAlone", publish: "$JS.API.CONSUMER.MSG.NEXT.RINGBACK_HOOKS.hooks-01", may: []string{"postback"}},
		{name: "DeliveriesAreTrimmedByPostbackAlone", publish: "$JS.API.STREAM.PURGE.RINGBACK_HOOKS", may: []string{"postback"}},
		{name: "ADeliveryIsParkedByPostbackAlone", publish: "ringback.parked.01.e", may: []string{"postback"}},
		{name: "ParkedDeliveriesAreReadByPostbackAlone", publish: "$JS.API.STREAM.MSG.GET.RINGBACK_PARKED", may: []string{"postback"}},
		{name: "ParkedDeliveriesAreRemovedByPostbackAlone", publish: "$JS.API.STREAM.PURGE.RINGBACK_PARKED", may: []string{"postback"}},
		{name: "AWindowIsArmedByCallbackAlone", publish: "ringback.media.arm.demo.1", may: []string{"callback"}},
		{name: "AMediaItemIsChangedByThoseWhoKnowOfIt", publish: "$KV.media.demo.1", may: []string{"ingest", "processor", "postback", "callback"}},
		{name: "AMediaItemIsReadByThoseWhoChangeIt", publish: "$JS.API.STREAM.MSG.GET.KV_media", may: []string{"ingest", "processor", "postback", "callback"}},
		{name: "AVoiceIsWrittenDownByThoseWhoChangeItems", publish: "$KV.voices.demo.1.u", may: []string{"ingest", "processor", "postback", "callback"}},
		{name: "AnEventForTheBridgeIsMadeByEventBridgeAlone", publish: "ringback.bridge.first.01.demo", may: []string{"eventbridge"}},
		{name: "AnEventForTheBridgeIsTakenByEventBridgeAlone", publish: "$JS.API.CONSUMER.MSG.NEXT.RINGBACK_BRIDGE.bridge-01", may: []string{"eventbridge"}},
		{name: "AttemptsAreLoggedBySinks", publish: "ringback.dlv.demo.delivered.e.1", may: []string{"postback", "callback", "eventbridge"}},
		{name: "TheLogOfAttemptsIsReadByThoseWhoShowAndReplay", publish: "$JS.API.STREAM.MSG.GET.RINGBACK_DELIVERIES", may: []string{"ingest", "postback"}},
		{name: "TheLogOfAttemptsIsNoLiveMessage", listen: "ringback.dlv.>", may: nil},
		{name: "OperatorsAreToldBySinksThatPost", publish: "ringback.opr.demo.endpoint.e", may: []string{"postback", "callback"}},
		{name: "TroublesOfEndpointsAreHeardByPeople", listen: "ringback.live.demo.endpoint.*", may: []string{"ingest", "reader"}},
		{name: "NobodyForgesTroublesOfEndpoints", publish: "ringback.live.demo.endpoint.e", may: nil},
		{name: "EndpointsAreChangedByIngestAndSinksThatPost", publish: "$KV.endpoints.demo.e", may: []string{"ingest", "postback", "callback"}},
		{name: "AnEndpointsOwnerIsWokenByIngest", publish: "ringback.hook.lane.01.wake.e", may: []string{"ingest", "postback"}},
		{name: "AReplayIsOrderedByIngest", publish: "ringback.hook.replay.demo.r", may: []string{"ingest", "postback"}},
		{name: "ReplaysAreWrittenByIngestAndPostback", publish: "$KV.replays.demo.r", may: []string{"ingest", "postback"}},
		{name: "SweepsAreClaimedByTheProcessor", publish: "$KV.sweeps.out", may: []string{"processor"}},
		{name: "SweepsAreReadByTheProcessor", publish: "$JS.API.DIRECT.GET.KV_sweeps.$KV.sweeps.out", may: []string{"processor"}},
		{name: "TheOldestJobIsAskedForByTheProcessor", publish: "$JS.API.STREAM.MSG.GET.RINGBACK_JOBS", may: []string{"processor"}},
		{name: "ApplicationsAreWrittenByIngestAlone", publish: "$KV.applications.demo", may: []string{"ingest"}},
		{name: "ApplicationsAreReadByServices", publish: "$JS.API.STREAM.MSG.GET.KV_applications", may: services},
		{name: "ApplicationsAreWatchedByServices", publish: "$JS.API.CONSUMER.CREATE.KV_applications.x", may: services},
		{name: "TheSinksReaderOfRecordsIsTheirs", publish: "$JS.API.CONSUMER.MSG.NEXT.RINGBACK_EVENTS.translate-postback", may: []string{"postback"}},
		{name: "TheBridgesReaderOfRecordsIsItsOwn", publish: "$JS.API.CONSUMER.MSG.NEXT.RINGBACK_EVENTS.translate-eventbridge", may: []string{"eventbridge"}},
		{name: "PeopleReadResults", publish: "$JS.API.CONSUMER.CREATE.RINGBACK_EVENTS.mine.ringback.evt.demo.result.*", may: []string{"reader"}},
		{name: "PeopleReadNoRecords", publish: "$JS.API.CONSUMER.CREATE.RINGBACK_EVENTS.mine.ringback.prv.>", may: nil},
		{name: "PeopleReadNotEverything", publish: "$JS.API.CONSUMER.CREATE.RINGBACK_EVENTS.mine", may: nil},
		{name: "StatusIsReadByPeopleAndIngest", publish: "$JS.API.DIRECT.GET.KV_status.$KV.status.demo.x", may: []string{"ingest", "reader"}},
		{name: "TopologyIsCheckedByServices", publish: "$JS.API.STREAM.UPDATE.RINGBACK_JOBS", may: services},
		{name: "StreamsAreLookedAtByAll", publish: "$JS.API.STREAM.INFO.RINGBACK_JOBS", may: everyone},
		{name: "StreamsAreDeletedByNobody", publish: "$JS.API.STREAM.DELETE.RINGBACK_JOBS", may: nil},
		{name: "MessagesAreDeletedByNobody", publish: "$JS.API.STREAM.MSG.DELETE.RINGBACK_EVENTS", may: nil},
	} {
		may := map[string]bool{}
		for _, user := range row.may {
			may[user] = true
		}
		t.Run(row.name, func(t *testing.T) {
			for _, user := range everyone {
				err := try(t, c.connect(t, user), row.publish, row.listen)
				switch {
				case may[user] && err != nil:
					t.Errorf("%s may not: %v", user, err)
				case !may[user] && !errors.Is(err, nats.ErrPermissionViolation):
					t.Errorf("%s may %s%s, got %v", user, row.publish, row.listen, err)
				}
			}
		})
	}

	t.Run("NobodyWithoutALoginComesIn", func(t *testing.T) {
		if nc, err := nats.Connect(c.servers[0].ClientURL()); err == nil {
			nc.Close()
			t.Error("logged in as nobody")
		}
	})
	t.Run("AnAdministratorSeesTheServersOnly", func(t *testing.T) {
		nc := c.connect(t, "admin")
		if _, err := nc.Request("$SYS.REQ.SERVER.PING.HEALTHZ", nil, nats.DefaultTimeout); err != nil {
			t.Errorf("ask the servers for their health: %v", err)
		}
		answer, err := nc.Request("$JS.API.STREAM.NAMES", nil, nats.DefaultTimeout)
		if err == nil && !bytes.Contains(answer.Data, []byte("not enabled for account")) {
			t.Errorf("asked for the streams of Ringback and got %s", answer.Data)
		}
	})
}

// try returns what the server has against it.
func try(tb testing.TB, nc *nats.Conn, publish, listen string) error {
	tb.Helper()
	var err error
	if publish != "" {
		err = nc.Publish(publish, nil)
	} else {
		_, err = nc.SubscribeSync(listen)
	}
	if err == nil {
		err = nc.Flush() // the server's complaint comes before its answer to this
	}
	if err != nil {
		tb.Fatal(err)
	}
	return nc.LastError()
}
