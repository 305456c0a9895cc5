package ingest

import (
	"errors"
	"math"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
)

// errTooOften is returned when an application asks for results more often than it may.
var errTooOften = errors.New("the application asks too often")

// polls counts the questions about results of each application, in this process: a count over all processes would cost
// more than the answers do.
type polls struct {
	perSecond float64

	mu     sync.Mutex
	limits map[string]*rate.Limiter
	swept  time.Time
}

// pollsSweep is how often the limiters that nobody needs are dropped.
const pollsSweep = time.Minute

func newPolls(perSecond float64) *polls {
	return &polls{perSecond: perSecond, limits: map[string]*rate.Limiter{}, swept: time.Now()}
}

// ask takes one question of an application, or tells after how long it is taken.
func (p *polls) ask(app application.Application) (wait time.Duration) {
	perSecond := p.perSecond
	if own := app.Settings.PollRate; own != nil {
		perSecond = *own
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.sweep(now)
	limiter, known := p.limits[app.ID]
	if !known || limiter.Limit() != rate.Limit(perSecond) { // a changed setting begins afresh
		// A burst of one second's worth: a client that asks about its five jobs at once and then rests for a second
		// keeps the rate, and needs no timer to do so.
		limiter = rate.NewLimiter(rate.Limit(perSecond), max(1, int(math.Ceil(perSecond))))
		p.limits[app.ID] = limiter
	}
	turn := limiter.ReserveN(now, 1)
	if wait = turn.DelayFrom(now); wait > 0 {
		turn.CancelAt(now)
	}
	return wait
}

// sweep drops limiters that are full again: a new one is the same.
func (p *polls) sweep(now time.Time) {
	if now.Sub(p.swept) < pollsSweep {
		return
	}
	p.swept = now
	for id, limiter := range p.limits {
		if limiter.TokensAt(now) >= float64(limiter.Burst()) {
			delete(p.limits, id)
		}
	}
}

// mayAsk counts a question about results, and tells the client when to come back if there are too many. The answer
// itself is left to the dialect.
func (s *Service) mayAsk(c *fiber.Ctx, app application.Application) bool {
	wait := s.polls.ask(app)
	if wait > 0 {
		setRetryAfter(c, wait)
	}
	return wait <= 0
}

func tooOften() error {
	return native.NewProblem(native.TooManyRequests,
		"The application asks for results more often than it may. Ask for up to 500 jobs at once, wait with ?wait=, or listen on /v1/events.")
}
